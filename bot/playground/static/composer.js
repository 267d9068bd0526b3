// The box at the bottom: choose a command, fill in its options, send. What was typed is never thrown away.

import { parse, textOption } from "./commands.js";
import { el } from "./dom.js";
import { Drafts } from "./drafts.js";
import { Filling } from "./filling.js";
import { say } from "./language.js";
import { asItems, offers } from "./offers.js";
import { Panel } from "./panel.js";

const LONGEST_MESSAGE = 2000; // characters, as on Discord

/** Whether a key by itself writes something; a space presses the button that has focus. */
function isLetter({ key, ctrlKey, metaKey, altKey }) {
  return /^\S$/u.test(key) && !ctrlKey && !metaKey && !altKey;
}

/** Shows either a free line (`#entry`) or, once a command is chosen, the options of that command (`#filling`). */
export class Composer {
  #form;
  #line;
  #entry;
  #panel;
  #send;
  #say;
  #suggest;
  #drafts = new Drafts();
  #commands = [];
  #names = null;
  #filling = null;
  #kept = {}; // texts of a command left behind, by option name

  /**
   * `form` is the composer in index.html. `send(name, options, draft)` and `say(words)` return whether it went out;
   * `suggest({name, options, focused}, show)` asks the server and calls `show` with [{name, value}].
   */
  constructor(form, { send, say, suggest }) {
    this.#form = form;
    this.#line = form.querySelector("#line");
    this.#entry = form.querySelector("#entry");
    this.#panel = new Panel(form.querySelector("#panel"));
    this.#send = send;
    this.#say = say;
    this.#suggest = suggest;
    form.querySelector("#slash").addEventListener("click", () => this.browse());
    form.addEventListener("submit", (event) => this.#submit(event));
    form.addEventListener("keydown", (event) => this.#key(event));
    form.addEventListener("input", (event) => this.#typed(event.target, event.inputType === "insertText"));
    form.addEventListener("focusin", (event) => this.#attend(event.target));
    form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.#panel.hide());
  }

  /** Take in what the bot has registered and who is here (`names` as for markdown()); the draft stays. */
  setWorld(commands, names) {
    const draft = this.#names ? this.#draft : this.#drafts.load();
    const changed = JSON.stringify(commands) !== JSON.stringify(this.#commands);
    this.#commands = commands;
    this.#names = names;
    if (draft && changed) this.#restore(draft);
  }

  /** Show every command; words typed so far go along to whichever is chosen. */
  browse() {
    this.#leave();
    this.#entry.value ||= "/"; // what is typed next is the name of a command
    this.#panel.offer(
      say("Choose a command"),
      this.#entry,
      asItems(this.#commands, (command) => this.#choose(command)),
    );
  }

  /** Start a command with some options filled in; words typed for another command come along where they fit. */
  fill(name, texts = {}) {
    const command = this.#named(name);
    if (!command) return;
    this.#drafts.push(this.#draft);
    this.#leave();
    this.#choose(command, texts);
  }

  /** Go back to an earlier draft; the one being written now is an up arrow away. */
  recall(draft) {
    this.#drafts.push(this.#draft);
    this.#restore(draft);
    this.focus();
  }

  /** Put the cursor where something is still to be written. */
  focus() {
    const box = this.#filling ? this.#filling.target : this.#entry;
    (box ?? this.#form.querySelector(".send")).focus();
  }

  get #draft() {
    return this.#filling?.draft ?? { name: null, words: this.#entry.value, texts: this.#kept };
  }

  #named(name) {
    return this.#commands.find((command) => command.name === name);
  }

  #choose(command, texts = {}) {
    const words = this.#entry.value.replace(/^\/\S*\s*/u, ""); // behind a command that was mistyped, too
    const option = textOption(command);
    const free = option && words.trim() ? { [option.name]: words } : {};
    this.#show(this.#fillingOf(command, { ...this.#kept, ...free, ...texts }));
    this.focus();
  }

  /** Go back to the free line, with the words and the other options in mind. */
  #leave() {
    if (this.#filling) {
      const { words, texts } = this.#draft;
      this.#kept = texts;
      this.#show(null, words);
    }
    this.#entry.focus();
  }

  /** Show a draft: {name, words, texts}. A command that is gone leaves its words behind. */
  #restore({ name, words, texts }) {
    const focused = this.#form.contains(document.activeElement);
    const command = this.#named(name);
    this.#kept = texts;
    this.#show(command ? this.#fillingOf(command, texts) : null, words);
    if (focused) this.focus();
  }

  #fillingOf(command, texts) {
    return new Filling(command, texts, (box) => this.#redraw(box));
  }

  #show(filling, words = "") {
    this.#filling = filling;
    this.#entry.value = filling ? "" : words;
    this.#redraw();
  }

  #redraw(box) {
    this.#panel.hide();
    this.#line.replaceChildren(...(this.#filling?.nodes ?? [this.#entry]));
    box?.focus();
    this.#drafts.save(this.#draft);
  }

  // Keys and typing

  #key(event) {
    const field = this.#filling?.fieldOf(event.target);
    const box = field || event.target === this.#entry;
    if (event.isComposing || (box && this.#panel.key(event))) return;
    if (isLetter(event) && event.target.matches(".send")) this.#filling?.begin(); // the letter goes into its box
    if (event.key === "Enter" && box && !event.shiftKey) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (event.key === "Escape" && this.#filling) {
      this.#leave();
    } else if (event.key === "Backspace" && field?.text === "") {
      event.preventDefault();
      if (field.option.required) this.#leave();
      else field.remove();
    } else if (event.key === "ArrowUp" && box && event.target.selectionEnd === 0) {
      this.#step(1);
    } else if (event.key === "ArrowDown" && box && event.target.selectionStart === event.target.value.length) {
      this.#step(-1);
    }
  }

  #step(by) {
    const draft = this.#drafts.step(by, this.#draft);
    if (draft) this.#restore(draft);
  }

  #typed(box, byKey) {
    const spelt = box === this.#entry && parse(this.#entry.value, this.#commands);
    if (spelt) {
      this.#entry.value = "";
      this.#choose(spelt.command, spelt.values);
      return;
    }
    if (!this.#filling && !this.#entry.value) this.#kept = {}; // who empties the line means to start afresh
    const field = this.#filling?.fieldOf(box);
    field?.mark(false);
    this.#attend(box);
    if (field && byKey) this.#filling.divert(field);
    this.#drafts.save(this.#draft);
  }

  /** Say what helps with the control in focus. */
  #attend(control) {
    const field = this.#filling?.fieldOf(control);
    const words = this.#entry.value;
    if (field)
      this.#panel.describeField(field, this.#names, {
        picked: (choice) => this.#picked(field, choice),
        ask: (show) => this.#ask(field, show),
      });
    else if (this.#filling)
      this.#panel.tell([el("strong", {}, `/${this.#filling.command.name}`), ` ${this.#filling.command.description}`]);
    else if (control === this.#entry && words.trim()) this.#offer(words);
    else this.#panel.hide();
  }

  #offer(words) {
    const pick = { choose: (command) => this.#choose(command), speak: () => this.#speak() };
    const { title, items } = offers(words, this.#commands, pick);
    this.#panel.offer(title, this.#entry, items);
  }

  #ask(field, show) {
    const options = { ...this.#filling.values(this.#names), [field.option.name]: field.text };
    this.#suggest({ name: this.#filling.command.name, options, focused: field.option.name }, show);
  }

  #picked(field, choice) {
    field.pick(choice);
    field.mark(false);
    this.#drafts.save(this.#draft);
    const next = this.#filling.missing ?? field;
    next.input.focus();
    this.#attend(next.input);
  }

  // Sending

  #submit(event) {
    event.preventDefault();
    if (!this.#filling) {
      this.#entry.focus();
      this.#panel.tell([], say("Choose a command first: the bot answers commands, not messages."));
      return;
    }
    const wrong = this.#filling.check(this.#names);
    if (wrong) {
      wrong.input.focus();
      this.#panel.tell(wrong.describe(), wrong.read(this.#names).error);
      return;
    }
    const draft = this.#draft;
    this.#sent(this.#send(draft.name, this.#filling.values(this.#names), draft));
  }

  #speak() {
    const words = this.#entry.value;
    if ([...words].length > LONGEST_MESSAGE) this.#panel.tell([], say("A message has between 1 and 2,000 characters."));
    else this.#sent(this.#say(words));
  }

  /** Clear the composer once its content is on the way. */
  #sent(gone) {
    if (!gone) {
      this.#panel.tell([], say("There is no connection. What you wrote stays here until you can send it."));
      return;
    }
    this.#drafts.push(this.#draft);
    this.#kept = {};
    this.#show(null);
    if (matchMedia("(pointer: coarse)").matches)
      document.activeElement.blur(); // its keyboard would cover the answer
    else this.#entry.focus();
  }
}
