// The one way this page makes elements. Strings become text nodes, so what people write can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Build an element: `el("p", {class: "note", onclick: press}, "text", child)`.
 * Attributes that are null, undefined or false are left out, and so are such children.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A decorative drawing from icons.svg. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Three dots that breathe while something is going on; style.css keeps them still for people who asked for less motion. */
export function dots() {
  return el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
}

/** A round picture for a person or a bot: an initial on a colour that is always the same for the same id. */
export function avatar(user) {
  const colour = user.bot ? "bot" : [...String(user.id)].reduce((sum, digit) => sum + digit.charCodeAt(0), 0) % 6;
  return el(
    "span",
    { class: `avatar avatar-${colour}`, "aria-hidden": "true" },
    user.bot ? icon("bot") : ([...displayName(user)][0] ?? "?").toUpperCase(),
  );
}

/** What a person is called on screen. */
export function displayName(user) {
  return user.global_name ?? user.username ?? "someone";
}

/** An emoji of Discord as text: a server's own emoji have no picture here, only a name. */
export function emojiText(emoji) {
  return emoji.id ? `:${emoji.name}:` : emoji.name;
}

/** An http(s) address, or null for anything else (javascript:, data:, nonsense). */
export function webUrl(address) {
  const url = URL.parse(address);
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}

/**
 * The address of a picture or file that this server keeps, or null if it lies elsewhere.
 * The bot may know this server as 127.0.0.1 while the page was opened as localhost, so only the path is kept.
 */
export function localUrl(address) {
  const url = URL.parse(address);
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  return url && webUrl(address) && loopback.includes(url.hostname) ? url.pathname + url.search : null;
}
