// The colours of an ```ansi block: ECMA-48 "select graphic rendition" sequences, the few that Discord draws.

import { el } from "./dom.js";

const SEQUENCE = /\x1b\[([\d;]*)m/;

/** Draw a text with escape sequences as spans; their colours are classes in message.css. */
export function ansi(text) {
  const fragment = document.createDocumentFragment();
  let style = {};
  // Splitting on a pattern with one group gives text, codes, text, codes, …, text.
  text.split(SEQUENCE).forEach((part, index) => {
    if (index % 2) style = part.split(";").reduce(apply, style);
    else if (part) fragment.append(el("span", { class: Object.values(style).join(" ") || null }, part));
  });
  return fragment;
}

function apply(style, code) {
  const number = Number(code);
  if (number === 0) return {};
  if (number === 1) return { ...style, weight: "ansi-bold" };
  if (number === 4) return { ...style, line: "ansi-underline" };
  if (number >= 30 && number <= 37) return { ...style, colour: `ansi-${number}` };
  if (number >= 40 && number <= 47) return { ...style, ground: `ansi-${number}` };
  return style;
}
