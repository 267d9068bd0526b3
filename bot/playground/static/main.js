// Ties the page together: what the server says goes to the log and the composer, what a person does goes to the server.

import { messageCommands, slashCommands } from "./commands.js";
import { Composer } from "./composer.js";
import { dots, el } from "./dom.js";
import { say, sayOn, speak } from "./language.js";
import { Log } from "./log.js";
import { drawMessage, drawNote, privateLine } from "./message.js";
import { openModal } from "./modal.js";
import { Connection } from "./socket.js";
import { drawBot, drawCommands, drawLanguages, drawPeople, drawPlace } from "./surroundings.js";
import { setUpTheme, theme } from "./switch.js";
import { refreshTimes } from "./time.js";
import { welcome } from "./welcome.js";

const $ = (id) => document.getElementById(id);
const BUTTON = 2; // the component type
const COMMAND = 2; // the interaction type
const FRESHEN = 10_000; // milliseconds between rewrites of "5 seconds ago"

class Page {
  #connection = new Connection(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/socket`);
  #log = new Log($("log"), $("thread"), $("jump"));
  #composer = new Composer($("composer"), {
    send: (...command) => this.#run(...command),
    say: (content) => this.#connection.send({ t: "say", content }),
    suggest: (...asked) => this.#suggest(...asked),
  });
  #world = null; // the last hello: who I am, the bot, the channel, the people, the commands
  #dismissed = new Set();
  #drafts = new Map(); // what was written in modals and not sent

  constructor() {
    this.#connection.addEventListener("frame", (event) => this.#receive(event.detail));
    this.#connection.addEventListener("close", () => this.#offline());
    $("act-as").addEventListener("change", (event) => this.#actAs(event.target.value));
    $("speak").addEventListener("change", (event) => this.#connection.send({ t: "speak", locale: event.target.value }));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    setInterval(refreshTimes, FRESHEN);
  }

  // From the server

  #receive(frame) {
    const handlers = {
      hello: () => this.#hello(frame),
      commands: () => this.#setCommands(frame),
      message_create: () => this.#arrive(frame.message),
      message_update: () => this.#show(frame.message),
      message_delete: () => this.#remove(frame.id),
      bot: () => this.#setBot(frame.online),
      modal: () => this.#modal(frame),
    };
    handlers[frame.t]?.();
  }

  #hello(world) {
    const wanted = sessionStorage.getItem("user");
    if (wanted && wanted !== world.user.id && world.users.some(({ id }) => id === wanted)) {
      this.#connection.send({ t: "act_as", user_id: wanted });
      return;
    }
    const someoneElse = this.#world?.user.id !== world.user.id;
    this.#world = { ...world, messages: new Map(world.messages.map((message) => [message.id, message])) };
    speak(world.language);
    drawPlace(world.channel, world.guild);
    drawPeople(world.user, world.users);
    $("notice").hidden = true;
    this.#setBot(world.bot.online ?? true);
    this.#drawHistory(someoneElse);
    this.#setCommands(world);
    if (!matchMedia("(pointer: coarse)").matches && document.activeElement === document.body) this.#composer.focus();
  }

  get #names() {
    const people = [...this.#world.users, { ...this.#world.bot, bot: true }];
    return { people: new Map(people.map((user) => [user.id, user])), channel: this.#world.channel };
  }

  get #slash() {
    return slashCommands(this.#world.commands);
  }

  #welcome() {
    return welcome(this.#world.channel, this.#world.bot, this.#slash, (...example) => this.#composer.fill(...example));
  }

  #setCommands({ commands, language, locale, locales = [] }) {
    this.#world.commands = commands;
    drawLanguages(locale, locales);
    if (speak(language)) {
      this.#setBot(this.#world.bot.online);
      this.#drawHistory();
    }
    this.#composer.setWorld(this.#slash, this.#names);
    this.#log.setTop(this.#welcome());
    drawCommands(this.#slash, (name) => this.#composer.fill(name));
  }

  #setBot(online) {
    this.#world.bot.online = online;
    drawBot(this.#world.bot);
  }

  #drawHistory(someoneElse = false) {
    const shown = [...this.#world.messages.values()].filter(({ id }) => !this.#dismissed.has(id));
    this.#log.reset(
      this.#welcome(),
      shown.map((message) => this.#draw(message)),
      someoneElse,
    );
  }

  /** Show a new message; the answer to what this person pressed or filled in comes into view from anywhere. */
  #arrive(message) {
    this.#show(message);
    const cause = message.interaction_metadata;
    if (cause && cause.type !== COMMAND && cause.user.id === this.#world.user.id)
      this.#log.show(this.#log.find(message.id));
  }

  #show(message) {
    this.#world.messages.set(message.id, message);
    if (!this.#dismissed.has(message.id)) this.#log.put(this.#draw(message));
  }

  #remove(id) {
    this.#world.messages.delete(id);
    this.#log.find(id)?.remove();
  }

  #draw(message) {
    return drawMessage(message, {
      names: this.#names,
      menus: messageCommands(this.#world.commands),
      press: (...pressed) => this.#press(...pressed),
      dismiss: (id) => {
        this.#dismissed.add(id);
        this.#log.find(id)?.remove();
        this.#composer.focus();
      },
      runMenu: (command, target) => this.#run(command.name, {}, null, target.id),
    });
  }

  #offline() {
    sayOn($("notice"), "text", "The connection to the local Discord is lost. Trying again; what you typed stays.");
    $("notice").hidden = false;
    if (this.#world) this.#setBot(false);
  }

  // From the person

  #actAs(id) {
    sessionStorage.setItem("user", id);
    this.#connection.send({ t: "act_as", user_id: id });
  }

  /** Send a command and keep a line in the log until it is answered. Returns whether it went out. */
  #run(name, options, draft, target) {
    const note = drawNote(
      this.#world.bot,
      this.#world.user,
      target ? name : `/${name}`,
      el("p", { class: "thinking" }, dots(), say("Sending the command…")),
    );
    const frame = { t: "command", name, options, ...(target && { target_id: target }) };
    const sent = this.#act(frame, (reason) => {
      if (reason) this.#failed(note, reason, draft);
      else note.remove();
    });
    if (!sent) return false;
    this.#log.put(note);
    this.#log.show(note);
    return true;
  }

  #failed(note, reason, draft) {
    const retry = () => this.#composer.recall(draft);
    const again = el("button", { class: "link", type: "button", onclick: retry }, say("Edit and try again"));
    note.querySelector(".thinking")?.replaceWith(el("p", { class: "failure" }, reason));
    const line = privateLine(() => note.remove());
    if (draft) line.append(" · ", again);
    note.querySelector(".message-body").append(line);
    note.classList.add("private");
  }

  #press(message, type, customId, values, control) {
    if (type === BUTTON && control.getAttribute("aria-busy") === "true") return;
    const article = () => this.#log.find(message.id);
    const done = (reason) => {
      control.removeAttribute("aria-busy");
      if (reason)
        article()
          ?.querySelector(".message-body")
          .append(el("p", { class: "failure", role: "alert" }, reason));
    };
    article()?.querySelector(".failure")?.remove();
    control.setAttribute("aria-busy", "true");
    const frame = { t: "component", message_id: message.id, custom_id: customId, component_type: type, values };
    if (!this.#act(frame, done)) done(say("There is no connection. Try again when it is back."));
  }

  /** Send what the person did, with the theme that a picture in the answer should have. */
  #act(frame, done) {
    return this.#connection.act({ ...frame, theme: theme() }, done);
  }

  #suggest(asked, show) {
    this.#connection.ask({ t: "autocomplete", ...asked }, (answer) => answer.t === "choices" && show(answer.choices));
  }

  #modal({ interaction_id: interaction, modal }) {
    const submit = (fields, done) => {
      const frame = { t: "modal_submit", interaction_id: interaction, custom_id: modal.custom_id, fields };
      if (!this.#act(frame, done)) done(say("There is no connection. What you wrote stays here."));
    };
    openModal(modal, { names: this.#names, drafts: this.#drafts, submit });
  }

  #shortcut(event) {
    const elsewhere = !event.target.closest("input, textarea, select, dialog");
    if (event.key !== "/" || !elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#composer.browse();
  }
}

speak();
setUpTheme($("theme"));
new Page();
