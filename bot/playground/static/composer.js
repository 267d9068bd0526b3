// The box at the bottom: choose a command, fill in its options, send. What was typed is never thrown away.

import { parse, search, textOption } from "./commands.js";
import { el } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Field } from "./fields.js";
import { Listbox } from "./listbox.js";

const TYPING_PAUSE = 150; // milliseconds before autocomplete asks

export class Composer {
  #form;
  #parts;
  #send;
  #suggest;
  #list = new Listbox("Suggestions");
  #drafts = new Drafts();
  #commands = [];
  #names = null;
  #command = null;
  #fields = [];
  #kept = {}; // texts of options left behind, by option name
  #typing = 0;

  /**
   * `form` is the composer in index.html. `send(name, options, draft)` returns whether the command went out;
   * `suggest({name, options, focused}, show)` asks the server and calls `show` with [{name, value}].
   */
  constructor(form, { send, suggest }) {
    this.#form = form;
    this.#send = send;
    this.#suggest = suggest;
    this.#parts = Object.fromEntries(["entry", "panel", "hint", "problem", "line"].map((id) => [id, form.querySelector(`#${id}`)]));
    this.#parts.panel.append(this.#list.element);
    this.#list.addEventListener("pick", (event) => event.detail.value());
    form.querySelector("#slash").addEventListener("click", () => this.browse());
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("input", (event) => this.#typed(event.target));
    form.addEventListener("focusin", (event) => this.#attend(event.target));
    form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.#rest());
  }

  /** Take in what the bot has registered and who is here (`names` as for markdown()); the draft stays. */
  setWorld(commands, names) {
    const draft = this.#names ? this.#draft() : this.#drafts.load();
    const changed = JSON.stringify(commands) !== JSON.stringify(this.#commands);
    this.#commands = commands;
    this.#names = names;
    if (draft && changed) this.restore(draft);
  }

  /** Show every command; words typed so far go along to whichever is chosen. */
  browse() {
    if (this.#command) this.#leave();
    this.#parts.entry.focus();
    this.#offer("Choose a command", this.#commands);
  }

  /** Start a command with some options filled in; words typed for another command come along where they fit. */
  fill(name, texts = {}) {
    const command = this.#commands.find((candidate) => candidate.name === name);
    if (!command) return;
    this.#drafts.push(this.#draft());
    if (this.#command) this.#leave();
    this.#choose(command, texts);
  }

  /** Go back to a draft: {name, words, texts}. */
  restore({ name, words, texts }) {
    const command = this.#commands.find((candidate) => candidate.name === name);
    const focused = this.#form.contains(document.activeElement);
    this.#clear();
    this.#kept = command ? {} : texts;
    this.#parts.entry.value = command ? "" : words;
    if (command) this.#choose(command, texts, focused);
  }

  focus() {
    const field = this.#fields.find(({ blank }) => blank) ?? this.#fields[0];
    const fallback = this.#command ? this.#form.querySelector(".send") : this.#parts.entry;
    (field?.input ?? fallback).focus();
  }

  // Choosing and leaving a command

  #choose(command, texts = {}, focus = true) {
    const word = textOption(command)?.name;
    const words = this.#parts.entry.value;
    const known = { ...this.#kept, ...(word && words.trim() && !words.startsWith("/") && { [word]: words }), ...texts };
    this.#parts.entry.value = "";
    this.#command = command;
    this.#fields = command.options.filter(({ name, required }) => required || known[name]).map((option) => this.#field(option, known[option.name]));
    this.#draw();
    if (focus) this.focus();
    this.#save();
  }

  #leave() {
    const { words, texts } = this.#draft();
    this.#clear();
    this.#kept = texts;
    this.#parts.entry.value = words;
  }

  #clear() {
    this.#command = null;
    this.#fields = [];
    this.#kept = {};
    this.#parts.entry.value = "";
    this.#draw();
    this.#save();
  }

  #field(option, text = "") {
    const field = new Field(option, text, () => {
      this.#fields = this.#fields.filter((other) => other !== field);
      this.#draw();
      this.focus();
      this.#save();
    });
    return field;
  }

  #add(option) {
    const field = this.#field(option);
    this.#fields.push(field);
    this.#draw();
    field.input.focus();
  }

  #draw() {
    this.#rest();
    if (!this.#command) {
      this.#parts.line.replaceChildren(this.#parts.entry);
      return;
    }
    const missing = this.#command.options.filter((option) => !this.#fields.some((field) => field.option === option));
    const add = (option) => el("button", { class: "add", type: "button", title: option.description, onclick: () => this.#add(option) }, `+ ${option.name}`);
    this.#parts.line.replaceChildren(
      el("span", { class: "command" }, `/${this.#command.name}`),
      ...this.#fields.map((field) => field.element),
      ...missing.map(add),
    );
  }

  #draft() {
    const texts = Object.fromEntries(this.#fields.filter(({ blank }) => !blank).map((field) => [field.option.name, field.text]));
    const word = this.#command && textOption(this.#command)?.name;
    return { name: this.#command?.name ?? null, words: this.#command ? (texts[word] ?? "") : this.#parts.entry.value, texts };
  }

  #save() {
    this.#drafts.save(this.#draft());
  }

  // Keys and typing

  #key(event) {
    const field = this.#fieldOf(event.target);
    const box = field?.input ?? (event.target === this.#parts.entry && this.#parts.entry);
    if (event.isComposing || (box && this.#list.key(event))) return;
    if (event.key === "Enter" && box && !event.shiftKey) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (event.key === "Escape" && this.#command) {
      this.#back();
    } else if (event.key === "Backspace" && field?.text === "") {
      event.preventDefault();
      if (field.option.required) this.#back();
      else field.element.querySelector(".remove").click();
    } else if (event.key === "ArrowUp" && box && box.selectionEnd === 0) {
      const draft = this.#drafts.previous();
      if (draft) this.restore(draft);
      this.focus();
    }
  }

  #back() {
    this.#leave();
    this.#parts.entry.focus();
  }

  #typed(box) {
    const field = this.#fieldOf(box);
    const typed = !field && parse(this.#parts.entry.value, this.#commands);
    if (typed) {
      this.#choose(typed.command, typed.values);
      return;
    }
    field?.mark(false);
    this.#attend(box);
    this.#save();
  }

  #fieldOf(box) {
    return this.#fields.find(({ input }) => input === box);
  }

  // The panel above the line: a hint, a problem, suggestions

  /** Say what helps with the control in focus. */
  #attend(box) {
    const field = this.#fieldOf(box);
    if (field) this.#attendField(field);
    else if (box === this.#parts.entry) this.#attendEntry();
    else this.#say(this.#command ? [el("strong", {}, `/${this.#command.name}`), ` ${this.#command.description}`] : []);
  }

  #attendEntry() {
    const text = this.#parts.entry.value;
    if (text.startsWith("/")) this.#offer("Commands", search(this.#commands, text.slice(1)));
    else if (text.trim()) this.#offer("Use these words with", this.#commands.filter(textOption));
    else this.#say([]);
  }

  #offer(title, commands) {
    this.#say([title]);
    const items = commands.map((command) => ({ label: `/${command.name}`, detail: command.description, value: () => this.#choose(command) }));
    this.#list.show(this.#parts.entry, items);
    if (!items.length) this.#say(["No command is called that"]);
  }

  #attendField(field) {
    this.#say(field.describe());
    const found = field.suggestions(this.#names);
    if (found) this.#propose(field, found, field.blank && !field.option.required ? -1 : 0);
    else if (field.option.autocomplete) this.#ask(field);
  }

  #ask(field) {
    clearTimeout(this.#typing);
    const text = field.text;
    const current = () => field.text === text && document.activeElement === field.input && this.#fields.includes(field);
    this.#typing = setTimeout(() => {
      if (!current()) return;
      const options = { ...this.#values(), [field.option.name]: text };
      this.#suggest({ name: this.#command.name, options, focused: field.option.name }, (choices) => current() && this.#propose(field, choices, -1));
    }, TYPING_PAUSE);
  }

  #propose(field, choices, active) {
    const pick = (choice) => {
      field.pick(choice);
      field.mark(false);
      this.#save();
      this.#list.hide();
      (this.#fields.find(({ option, blank }) => option.required && blank) ?? field).input.focus();
    };
    this.#list.show(field.input, choices.map((choice) => ({ label: choice.name, value: () => pick(choice) })), active);
  }

  #say(hint, problem = "") {
    this.#list.hide();
    this.#parts.hint.replaceChildren(...hint);
    this.#parts.problem.textContent = problem;
    this.#parts.panel.hidden = !hint.length && !problem;
  }

  #rest() {
    clearTimeout(this.#typing);
    this.#say([]);
  }

  // Sending

  #values() {
    return Object.fromEntries(this.#fields.map((field) => [field.option.name, field.read(this.#names).value]).filter(([, value]) => value !== undefined));
  }

  #submit(event) {
    event.preventDefault();
    if (!this.#command) {
      this.#say([], this.#parts.entry.value.trim() ? "Choose a command: the bot answers commands, not messages." : "Type / to choose a command.");
      this.#parts.entry.focus();
      return;
    }
    const wrong = this.#fields.map((field) => ({ field, error: field.read(this.#names).error })).filter(({ error }) => error);
    for (const { field } of wrong) field.mark(true);
    if (wrong.length) {
      const [{ field, error }] = wrong;
      field.input.focus();
      this.#say(field.describe(), error);
      return;
    }
    const draft = this.#draft();
    if (!this.#send(this.#command.name, this.#values(), draft)) {
      this.#say([], "There is no connection. Your command stays here until you can send it.");
      return;
    }
    this.#drafts.push(draft);
    this.#clear();
    this.#parts.entry.focus();
  }
}
