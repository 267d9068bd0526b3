// A command being filled in: its name and a box for each option, required ones first, optional ones added on demand.

import { textOption } from "./commands.js";
import { el } from "./dom.js";
import { Field } from "./fields.js";
import { say } from "./language.js";

const OFFERED = 4; // optional options that have a button of their own at once; the others are a press away

export class Filling {
  #fields;
  #changed;
  #all = false; // whether every option is offered
  #buttons = new Map(); // of options that are not there yet

  /** `texts` are by option name; `changed` is called when a field was added or taken away. */
  constructor(command, texts, changed) {
    this.command = command;
    this.#changed = changed;
    const shown = command.options.filter(({ name, required }) => required || texts[name]);
    this.#fields = shown.map((option) => this.#field(option, texts[option.name]));
  }

  /** What stands on the line of the composer. */
  get nodes() {
    const missing = this.command.options.filter((option) => !this.#fields.some((field) => field.option === option));
    return [
      el("span", { class: "command" }, `/${this.command.name}`),
      ...this.#fields.map((field) => field.element),
      ...this.#addButtons(missing),
    ];
  }

  /** The texts written so far, by option name. */
  get texts() {
    const filled = this.#fields.filter(({ blank }) => !blank);
    return Object.fromEntries(filled.map((field) => [field.option.name, field.text]));
  }

  get draft() {
    const texts = this.texts;
    return { name: this.command.name, words: texts[textOption(this.command)?.name] ?? "", texts };
  }

  /** What the bot gets, by option name; options left out or wrong are not in it. */
  values(names) {
    const values = this.#fields.map((field) => [field.option.name, field.read(names).value]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  /** Mark every field that is wrong; return the first, or undefined. */
  check(names) {
    for (const field of this.#fields) field.mark(Boolean(field.read(names).error));
    return this.#fields.find((field) => field.read(names).error);
  }

  fieldOf(box) {
    return this.#fields.find(({ input }) => input === box);
  }

  /** The next required field without a text, if any. */
  get missing() {
    return this.#fields.find(({ option, blank }) => option.required && blank);
  }

  /** The box where something is still to be written, or the first; undefined for a command without options. */
  get target() {
    return (this.#fields.find(({ blank }) => blank) ?? this.#fields[0])?.input;
  }

  /** Who types "layer:" at the end of a field means the option of that name. Go there, without those letters. */
  divert(field) {
    const [, before = "", name] = /^(?:([^]*)\s)?(\S+):$/.exec(field.text) ?? [];
    const option = this.command.options.find((candidate) => candidate.name === name);
    if (!option || (option === field.option && before)) return;
    field.input.value = before;
    this.#goTo(option);
  }

  #goTo(option) {
    let field = this.#fields.find((candidate) => candidate.option === option);
    if (!field) this.#fields.push((field = this.#field(option)));
    this.#changed(field.input);
  }

  #field(option, text = "") {
    const field = new Field(option, text, () => {
      this.#fields = this.#fields.filter((other) => other !== field);
      this.#changed(this.target);
    });
    return field;
  }

  #addButtons(options) {
    const offered = this.#all || options.length <= OFFERED + 1 ? options : options.slice(0, OFFERED); // no "1 more"
    this.#buttons = new Map(
      offered.map((option) => [option, addButton(option.name, option.description, () => this.#goTo(option))]),
    );
    const more = options.slice(offered.length);
    if (!more.length) return [...this.#buttons.values()];
    const names = more.map(({ name }) => name).join(", ");
    const words = say("{count} more", { count: more.length });
    return [...this.#buttons.values(), addButton(words, names, () => this.#offerAll(more[0]))];
  }

  /** Offer every option, and go on at the first of those that were not offered before. */
  #offerAll(first) {
    this.#all = true;
    this.#changed();
    this.#buttons.get(first).focus();
  }
}

function addButton(words, title, onclick) {
  return el("button", { class: "add", type: "button", title, onclick }, `+ ${words}`);
}
