// What was typed, kept: the unfinished draft survives a reload of the page, earlier ones come back with the up arrow.

const KEY = "draft";
const REMEMBERED = 50;

/** A draft is {name, words, texts}: the command or null, the words of the free line, and texts by option name. */
export class Drafts {
  #past = [];
  #back = 0;

  /** Keep the unfinished draft of this browser tab. */
  save(draft) {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  }

  load() {
    return JSON.parse(sessionStorage.getItem(KEY));
  }

  /** Put a draft behind us, to be found again by `previous`. */
  push(draft) {
    this.#back = 0;
    if (draft.words || Object.keys(draft.texts).length) this.#past = [...this.#past, draft].slice(-REMEMBERED);
  }

  /** The draft before the one returned last, or undefined at the first. */
  previous() {
    const draft = this.#past.at(-1 - this.#back);
    if (draft) this.#back += 1;
    return draft;
  }
}
