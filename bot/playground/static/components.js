// What a message is made of, component by component (Discord's Components V2 and the older action rows).

import { el, emojiText, icon, webUrl } from "./dom.js";
import { say } from "./language.js";
import { markdown } from "./markdown.js";
import { file, picture } from "./media.js";
import { SelectMenu } from "./select.js";

const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const LINK_STYLE = 5;

const DRAW = {
  1: (row, context) => el("div", { class: "row" }, components(row.components, context)),
  2: button,
  3: select,
  9: section,
  10: (text, context) => markdown(text.content, context.names),
  11: (thumbnail) => picture(thumbnail.media, thumbnail.description, { spoiler: thumbnail.spoiler, small: true }),
  12: gallery,
  13: (item) => file({ ...item, url: item.file.url }),
  14: (line) =>
    el("hr", { class: `separator ${line.spacing === 2 ? "wide" : ""} ${line.divider === false ? "blank" : ""}` }),
  17: container,
};

/**
 * Draw components. `context` is {names, press}: `names` as for markdown(), and `press(component_type, custom_id, values,
 * control)` is called when a person uses a control.
 */
export function components(list, context) {
  return (list ?? []).map((component) => (DRAW[component.type] ?? unknown)(component, context));
}

function container(box, context) {
  const node = el("div", { class: "container" }, components(box.components, context));
  if (typeof box.accent_color === "number") {
    node.classList.add("accented");
    node.style.setProperty("--accent", `#${box.accent_color.toString(16).padStart(6, "0")}`);
  }
  if (!box.spoiler) return node;
  const reveal = el(
    "button",
    { class: "spoiler-cover", type: "button", onclick: () => reveal.replaceWith(node) },
    say("Spoiler: show"),
  );
  return reveal;
}

function section(part, context) {
  return el(
    "div",
    { class: "section" },
    el("div", { class: "section-text" }, components(part.components, context)),
    components([part.accessory], context),
  );
}

function gallery({ items }) {
  const pictures = items.map((item) => picture(item.media, item.description, { spoiler: item.spoiler }));
  return el("div", { class: `gallery ${items.length > 1 ? "many" : ""}` }, pictures);
}

function button(component, context) {
  const content = [
    component.emoji &&
      el("span", { class: "emoji", "aria-hidden": component.label ? "true" : null }, emojiText(component.emoji)),
    component.label && el("bdi", {}, component.label),
  ];
  const address = component.style === LINK_STYLE && webUrl(component.url);
  if (address && !component.disabled) {
    return el(
      "a",
      { class: "button secondary", href: address, target: "_blank", rel: "noopener noreferrer" },
      content,
      icon("out"),
    );
  }
  const attributes = {
    class: `button ${BUTTON_STYLES[component.style] ?? "secondary"}`,
    type: "button",
    disabled: component.disabled || component.style === LINK_STYLE,
    "data-control": component.custom_id,
    onclick: (event) => context.press(2, component.custom_id, [], event.currentTarget),
  };
  return el("button", attributes, content);
}

function select(component, context) {
  const send = (values, control) => context.press(3, component.custom_id, values, control);
  return new SelectMenu(component, send).element;
}

function unknown(component) {
  return el(
    "p",
    { class: "missing" },
    say("This page cannot draw components of type {type} yet.", { type: component.type }),
  );
}
