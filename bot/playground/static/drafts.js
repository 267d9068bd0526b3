// What was typed, kept: the unfinished draft survives a reload of the page, earlier ones come back with the up arrow.

const KEY = "draft";
const REMEMBERED = 50;
const EMPTY = { name: null, words: "", texts: {} };

/** A draft is {name, words, texts}: the command or null, the words of the free line, and texts by option name. */
export class Drafts {
  #past = [];
  #back = 0; // how many steps back the person is looking

  /** Keep the unfinished draft of this browser tab. */
  save(draft) {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  }

  load() {
    return JSON.parse(sessionStorage.getItem(KEY));
  }

  /** Put a draft behind us, to be found again by `step`. Returns whether there was anything in it. */
  push(draft) {
    const written = Boolean(draft.words || Object.keys(draft.texts).length);
    if (written) this.#past = [...this.#past, draft].slice(-REMEMBERED);
    this.#back = 0;
    return written;
  }

  /** Step back (1) or forth (-1) from the current draft. Returns the draft found there, or undefined at either end. */
  step(by, current) {
    if (this.#back === 0 && by > 0 && this.push(current)) this.#back = 1; // an unfinished draft is now the last behind us
    const back = this.#back + by;
    if (back < 0 || back > this.#past.length) return undefined;
    this.#back = back;
    return back ? this.#past.at(-back) : EMPTY;
  }
}
