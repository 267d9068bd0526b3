// One option of a command in the composer: its name, a box to type in and, if it is optional, a way to remove it.

import { OPTION, choicesOf, limits, read } from "./commands.js";
import { el, icon } from "./dom.js";
import { say } from "./language.js";

const LONG = 6000; // Discord's own limit for a text option; the composer names a limit only below it

export class Field {
  #picked = null;

  /** `remove` is called when a person takes an optional field away. */
  constructor(option, text, remove) {
    this.option = option;
    this.remove = remove;
    const id = `option-${option.name}`;
    const words = option.type === OPTION.STRING && !option.choices?.length;
    const number = option.type === OPTION.INTEGER || option.type === OPTION.NUMBER;
    const suggests = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
    this.input = el(words ? "textarea" : "input", {
      id,
      rows: words && 1,
      ...(!number && (!words || option.autocomplete) && suggests),
      "aria-required": String(Boolean(option.required)),
      "aria-describedby": "hint problem",
      inputmode: number ? "decimal" : "text",
      enterkeyhint: "send",
      spellcheck: "false",
    });
    this.input.value = text;
    this.element = el(
      "div",
      { class: words ? "field words" : "field" },
      el("label", { for: id }, option.name),
      this.input,
      !option.required &&
        el(
          "button",
          {
            class: "remove",
            type: "button",
            "aria-label": say("Remove {option}", { option: option.name }),
            onclick: remove,
          },
          icon("close"),
        ),
    );
  }

  get text() {
    return this.input.value;
  }

  get blank() {
    return !this.text.trim();
  }

  /** Take a suggestion; its value may differ from the name people see. */
  pick(choice) {
    this.#picked = choice;
    this.input.value = choice.name;
  }

  /** What the command gets: {value}, {error} or {}. */
  read(names) {
    return this.#picked?.name === this.text ? { value: this.#picked.value } : read(this.option, this.text, names);
  }

  /** Suggestions that need no server, filtered by what was typed; null if there are none for this kind of option. */
  suggestions(names) {
    const choices = choicesOf(this.option, names);
    const typed = this.text.trim().toLowerCase();
    if (!choices || this.#picked?.name === this.text) return choices && [];
    return choices.filter(({ name }) => name.toLowerCase().includes(typed));
  }

  mark(wrong) {
    this.input.setAttribute("aria-invalid", String(wrong));
  }

  /** The line above the composer while this field is in focus. */
  describe() {
    const { name, description, required, max_length: most, type } = this.option;
    const length = [...this.text].length;
    return [
      el("strong", {}, name),
      ` ${description} `,
      el(
        "span",
        { class: "muted" },
        [say(required ? "required" : "optional"), limits(this.option)].filter(Boolean).join(", "),
      ),
      type === OPTION.STRING &&
        most < LONG &&
        el("span", { class: length > most ? "count over" : "count" }, `${length} / ${most}`),
    ].filter(Boolean);
  }
}
