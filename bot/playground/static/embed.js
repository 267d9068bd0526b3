// Embeds: the older way for a bot to lay out an answer.

import { el, webUrl } from "./dom.js";
import { markdown } from "./markdown.js";
import { picture } from "./media.js";
import { writtenAt } from "./time.js";

/** Draw one embed; `names` as for markdown(). */
export function embed(data, names) {
  const text = (value, name) => value && el("div", { class: `embed-${name}` }, markdown(value, names));
  const address = webUrl(data.url);
  const node = el(
    "div",
    { class: "container accented embed" },
    data.author && el("p", { class: "embed-author" }, el("bdi", {}, data.author.name)),
    data.title &&
      el(
        "p",
        { class: "embed-title" },
        address ? el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, data.title) : data.title,
      ),
    text(data.description, "description"),
    data.fields?.length &&
      el(
        "dl",
        { class: "fields" },
        data.fields.map((field) => drawField(field, names)),
      ),
    data.image && picture(data.image, data.image.description),
    data.thumbnail && picture(data.thumbnail, data.thumbnail.description, { small: true }),
    footer(data),
  );
  if (typeof data.color === "number")
    node.style.setProperty("--accent", `#${data.color.toString(16).padStart(6, "0")}`);
  return node;
}

function drawField(field, names) {
  return el(
    "div",
    { class: field.inline ? "field inline" : "field" },
    el("dt", {}, markdown(field.name, names)),
    el("dd", {}, markdown(field.value, names)),
  );
}

function footer({ footer: foot, timestamp }) {
  if (!foot && !timestamp) return null;
  return el(
    "p",
    { class: "subtext" },
    foot && el("bdi", {}, foot.text),
    foot && timestamp && " · ",
    timestamp && writtenAt(timestamp),
  );
}
