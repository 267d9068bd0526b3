// What stands around the channel: who acts, in which language, the bot, and its commands.

import { avatar, displayName, el } from "./dom.js";
import { sayWith } from "./language.js";

const $ = (id) => document.getElementById(id);

/** Say where this is. */
export function drawPlace(channel, guild) {
  $("channel").textContent = $("here").textContent = channel.name;
  $("guild").textContent = guild.name;
  document.title = `#${channel.name} · ${guild.name}`;
}

/** Offer everybody who can act, with `user` chosen. */
export function drawPeople(user, users) {
  $("avatar").replaceChildren(avatar(user));
  $("act-as").replaceChildren(
    ...users.map((person) => el("option", { value: person.id, selected: person.id === user.id }, displayName(person))),
  );
}

/** Offer the languages, with one chosen; nothing where there is only one. */
export function drawLanguages(chosen, locales) {
  $("speaks").hidden = locales.length < 2;
  $("speak").replaceChildren(
    ...locales.map((code) => el("option", { value: code, lang: code, selected: code === chosen }, languageName(code))),
  );
}

/** Say whether the bot is there. */
export function drawBot({ username, online }) {
  const bot = el("bdi", {}, username);
  $("bot").className = online ? "badge online" : "badge";
  $("bot").replaceChildren(
    el("span", {}, online ? sayWith("{bot} online", { bot }) : sayWith("{bot} offline", { bot })),
  );
}

/** List the slash commands; `fill(name)` is called when one is chosen. */
export function drawCommands(commands, fill) {
  $("commands").replaceChildren(
    ...commands.map(({ name, description }) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", title: description, onclick: () => fill(name) },
          el("span", { "aria-hidden": "true" }, "/"),
          name,
        ),
      ),
    ),
  );
}

/** What a language calls itself. */
function languageName(code) {
  return new Intl.DisplayNames([code], { type: "language" }).of(code);
}
