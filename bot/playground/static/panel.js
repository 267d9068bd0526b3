// What helps above the composer: a hint about the box in focus, what is wrong with it, and suggestions for it.

import { sayOn } from "./language.js";
import { Listbox } from "./listbox.js";

const TYPING_PAUSE = 150; // milliseconds before the server is asked for suggestions

export class Panel {
  #root;
  #hint;
  #problem;
  #list = new Listbox("");
  #title = null; // of what is offered
  #waiting = 0;

  /** `root` is #panel in index.html. */
  constructor(root) {
    this.#root = root;
    this.#hint = root.querySelector("#hint");
    this.#problem = root.querySelector("#problem");
    root.append(this.#list.element);
    sayOn(this.#list.element, "label", "Suggestions");
    this.#list.addEventListener("pick", (event) => event.detail.pick());
  }

  /** Say a hint (nodes and strings) and, in red, a problem; whatever was there before goes. */
  tell(hint, problem = "") {
    clearTimeout(this.#waiting);
    this.#title = null;
    this.#list.hide();
    this.#hint.replaceChildren(...hint);
    this.#problem.textContent = problem;
    this.#root.hidden = !hint.length && !problem;
  }

  hide() {
    this.tell([]);
  }

  /** Let the list of suggestions have a key pressed in its box. Returns whether it used the key up. */
  key(event) {
    const used = this.#list.key(event);
    if (this.#title && !this.#list.open) this.hide(); // a title says nothing without its list
    return used;
  }

  /** Offer things to do with what stands in `box`: [{label, detail, pick}]. */
  offer(title, box, items) {
    this.tell([title]);
    this.#title = title;
    this.#list.show(box, items);
  }

  /**
   * Describe the field in focus and offer what it may be set to; `picked(choice)` is called with {name, value}.
   * Where the bot completes the option itself, `ask(show)` asks it and calls `show` with choices.
   */
  describeField(field, names, { picked, ask }) {
    this.tell(field.describe());
    const typed = field.text;
    const show = (choices, active) => {
      const items = choices.map((choice) => ({ label: choice.name, pick: () => picked(choice) }));
      this.#list.show(field.input, items, active);
    };
    const late = (choices) => document.activeElement === field.input && field.text === typed && show(choices, -1);
    const known = field.suggestions(names);
    if (known) show(known, field.blank && !field.option.required ? -1 : 0);
    else if (field.option.autocomplete) this.#waiting = setTimeout(() => ask(late), TYPING_PAUSE);
  }
}
