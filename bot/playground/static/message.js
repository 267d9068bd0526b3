// One message of the channel.

import { components } from "./components.js";
import { avatar, displayName, dots, el, icon } from "./dom.js";
import { embed } from "./embed.js";
import { say, sayWith } from "./language.js";
import { markdown } from "./markdown.js";
import { file, isPicture, picture } from "./media.js";
import { attachPopup } from "./popup.js";
import { writtenAt } from "./time.js";

const COMMAND = 2; // the type of an interaction
const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const COMPONENTS_V2 = 1 << 15;

/**
 * Draw a Discord message as an article.
 *
 * `context` is {names, menus, press, dismiss, runMenu}: names as for markdown(); menus are the message commands;
 * press(message, componentType, customId, values, control), dismiss(id) and runMenu(command, message) do what they say.
 */
export function drawMessage(message, context) {
  const secret = Boolean(message.flags & EPHEMERAL);
  const author = displayName(message.author);
  return el(
    "article",
    {
      class: secret ? "message private" : "message",
      tabindex: -1,
      "data-id": message.id,
      "aria-label": secret ? say("{author}, only you can see this", { author }) : author,
    },
    usedLine(message, context.menus),
    avatar(message.author),
    el(
      "div",
      { class: "message-body" },
      el(
        "header",
        {},
        el("bdi", { class: "name" }, author),
        message.author.bot && el("span", { class: "app-badge" }, say("APP")),
        writtenAt(message.timestamp),
        appsMenu(message, context),
      ),
      content(message, context),
      secret && privateLine(() => context.dismiss(message.id)),
    ),
  );
}

/** Draw a line of the page's own in the bot's name: about "/tokens" or a menu's name on its way, or one that failed. */
export function drawNote(bot, user, command, ...body) {
  return el(
    "article",
    { class: "message note", tabindex: -1, "aria-label": displayName(bot) },
    commandLine(user, command),
    avatar(bot),
    el(
      "div",
      { class: "message-body" },
      el("header", {}, el("bdi", { class: "name" }, displayName(bot)), el("span", { class: "app-badge" }, say("APP"))),
      body,
    ),
  );
}

/** "Only you can see this", with a way to put it away. */
export function privateLine(dismiss) {
  return el(
    "p",
    { class: "private-line" },
    icon("eye"),
    say("Only you can see this"),
    " · ",
    el("button", { class: "link", type: "button", onclick: dismiss }, say("Dismiss message")),
  );
}

function content(message, context) {
  if (message.flags & LOADING) {
    const bot = el("bdi", {}, displayName(message.author));
    return el("p", { class: "thinking" }, dots(), sayWith("{bot} is thinking…", { bot }));
  }
  const drawing = { names: context.names, press: (...pressed) => context.press(message, ...pressed) };
  if (message.flags & COMPONENTS_V2) return components(message.components, drawing);
  return [
    message.content && markdown(message.content, context.names),
    message.attachments?.map(attachment),
    message.embeds?.map((data) => embed(data, context.names)),
    components(message.components, drawing),
  ].flat();
}

function attachment(item) {
  return isPicture(item) ? picture(item, item.description) : file({ ...item, name: item.filename });
}

function usedLine(message, menus) {
  const cause = message.interaction_metadata ?? message.interaction;
  if (!cause?.user || cause.type !== COMMAND) return null;
  const name = message.interaction?.name ?? cause.name;
  if (!name) return commandLine(cause.user, say("a command"));
  return commandLine(cause.user, menus.some((menu) => menu.name === name) ? name : `/${name}`);
}

function commandLine(user, command) {
  return el(
    "p",
    { class: "used" },
    icon("reply"),
    avatar(user),
    sayWith("{person} used {command}", {
      person: el("bdi", { class: "name" }, displayName(user)),
      command: el("span", { class: "mention" }, command),
    }),
  );
}

function appsMenu(message, { menus, runMenu }) {
  if (!menus.length || message.flags & LOADING) return null;
  const button = el(
    "button",
    { class: "apps", type: "button", "aria-label": say("Apps: commands for this message") },
    icon("apps"),
    say("Apps"),
  );
  const run = (command) => {
    popup.hidePopover();
    runMenu(command, message);
  };
  const entries = menus.map((command) => el("button", { type: "button", onclick: () => run(command) }, command.name));
  const popup = el("div", { class: "popup menu" }, entries);
  attachPopup(popup, button);
  return [button, popup];
}
