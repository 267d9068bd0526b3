// Discord's Markdown, drawn with DOM nodes only. Blocks are here; what stands inside a line is in inline.js.

import { ansi } from "./ansi.js";
import { el } from "./dom.js";
import { inline } from "./inline.js";

const FENCE = /```(?:([\w+#.-]*)\n)?\n?([^]*?)\n?```/g;
const BLOCKS = [
  { pattern: /^(#{1,3}) +(\S.*)$/, draw: heading },
  { pattern: /^-# +(\S.*)$/, draw: subtext },
  { pattern: /^>>> ?(.*)$/, draw: quoteRest },
  { pattern: /^> ?(.*)$/, draw: quote },
  { pattern: /^( *)([-*]|\d{1,9}\.) +(\S.*)$/, draw: list },
];
const DEEPEST = 4; // quotes and lists within each other

/**
 * Draw a text. `names` says what ids mean: {people: Map of id to user, channel}.
 * The writing direction follows the text itself and cannot leak out of the element.
 */
export function markdown(text, names) {
  const root = el("div", { class: "markdown" });
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    root.append(...blocks(text.slice(end, match.index), names));
    root.append(codeBlock(match[2], match[1]));
    end = match.index + match[0].length;
  }
  root.append(...blocks(text.slice(end), names));
  return root;
}

function codeBlock(code, language) {
  return el("pre", { tabindex: 0 }, el("code", { dir: "auto" }, language === "ansi" ? ansi(code) : code));
}

function blocks(text, names, depth = 0) {
  const lines = text.split("\n");
  const nodes = [];
  let plain = [];
  const flush = () => {
    const joined = plain.join("\n").replace(/^\n|\n$/g, "");
    if (joined.trim()) nodes.push(el("p", { dir: "auto" }, inline(joined, names)));
    plain = [];
  };
  while (lines.length) {
    const block = depth < DEEPEST && BLOCKS.find(({ pattern }) => pattern.test(lines[0]));
    if (!block) {
      plain.push(lines.shift());
      continue;
    }
    flush();
    nodes.push(block.draw(lines, block.pattern, names, depth));
  }
  flush();
  return nodes;
}

// Each of these takes the lines it draws from the front of `lines`.

function heading(lines, pattern, names) {
  const [, marks, text] = pattern.exec(lines.shift());
  return el(`h${marks.length + 2}`, { class: `heading-${marks.length}`, dir: "auto" }, inline(text, names));
}

function subtext(lines, pattern, names) {
  return el("p", { class: "subtext", dir: "auto" }, inline(pattern.exec(lines.shift())[1], names));
}

function quoteRest(lines, pattern, names, depth) {
  const text = lines
    .splice(0)
    .join("\n")
    .replace(/^>>> ?/, "");
  return el("blockquote", {}, blocks(text, names, depth + 1));
}

function quote(lines, pattern, names, depth) {
  const inside = [];
  while (lines.length && pattern.test(lines[0])) inside.push(pattern.exec(lines.shift())[1]);
  return el("blockquote", {}, blocks(inside.join("\n"), names, depth + 1));
}

function list(lines, pattern, names, depth) {
  const [, margin, mark] = pattern.exec(lines[0]);
  const ordered = /\d/.test(mark);
  const root = el(ordered ? "ol" : "ul", { start: ordered && mark !== "1." && parseInt(mark, 10) });
  while (lines.length) {
    const item = pattern.exec(lines[0]);
    const other = item && item[1].length === margin.length && /\d/.test(item[2]) !== ordered;
    if (!item || other || item[1].length < margin.length) break;
    if (item[1].length > margin.length && root.lastChild && depth + 1 < DEEPEST) {
      root.lastChild.append(list(lines, pattern, names, depth + 1));
    } else {
      lines.shift();
      root.append(el("li", { dir: "auto" }, inline(item[3], names)));
    }
  }
  return root;
}
