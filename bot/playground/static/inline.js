// The marks inside a line of Discord's Markdown: emphasis, code, spoilers, links, mentions, times.

import { displayName, el, webUrl } from "./dom.js";
import { say } from "./language.js";
import { timestamp } from "./time.js";

const DEEPEST = 6; // a flood of stars would otherwise be emphasis within emphasis a thousand times
const MARKS = new Set("\\`<@*_~|[h");

// Sticky patterns, tried in this order wherever a mark stands. `draw` returns a node or a string.
const RULES = [
  { pattern: /\\([^0-9A-Za-z\s])/y, draw: ([, character]) => character },
  {
    pattern: /(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/y,
    draw: ([, , code]) => el("code", { dir: "auto" }, code.replace(/^ (?=`)|(?<=`) $/g, "")),
  },
  {
    pattern: /<@!?(\d{1,20})>/y,
    draw: ([, id], { people }) => mention("@", people.get(id) && displayName(people.get(id)), say("unknown-user")),
  },
  {
    pattern: /<#(\d{1,20})>/y,
    draw: ([, id], { channel }) => mention("#", id === channel.id && channel.name, say("unknown")),
  },
  { pattern: /<@&\d{1,20}>/y, draw: () => mention("@", say("role")) },
  { pattern: /@(everyone|here)\b/y, draw: ([, who]) => mention("@", who) },
  { pattern: /<\/([^:<>]{1,100}):\d{1,20}>/y, draw: ([, command]) => mention("/", command) },
  { pattern: /<a?(:\w{1,32}:)\d{1,20}>/y, draw: ([, name]) => name },
  { pattern: /<t:(-?\d{1,12})(?::([tTdDfFsSR]))?>/y, draw: ([, seconds, style]) => timestamp(Number(seconds), style) },
  { pattern: /<(https?:\/\/[^\s<>]+)>/y, draw: ([, url]) => link(url, url) },
  {
    pattern: /\[([^\][\n]+)\]\(<?(https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)?)>?\)/y,
    draw: ([, label, url]) => link(url, label),
  },
  { pattern: /https?:\/\/[^\s<>|*]*[^\s<>|*.,:;"')\]]/y, draw: ([url]) => link(url, url) },
  { pattern: /\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, tag: "strong" },
  { pattern: /__((?:\\[^]|[^\\])+?)__(?!_)/y, tag: "u" },
  { pattern: /~~((?:\\[^]|[^\\])+?)~~/y, tag: "s" },
  {
    pattern: /\|\|((?:\\[^]|[^\\])+?)\|\|/y,
    draw: ([, text], names, depth) => spoiler(inline(text, names, depth + 1)),
  },
  { pattern: /\*(?=\S)((?:\*\*|\\[^]|[^*\\])+?)(?<=\S)\*(?!\*)/y, tag: "em" },
  { pattern: /(?<!\w)_(?=\S)((?:__|\\[^]|[^_\\])+?)_(?!\w)/y, tag: "em" },
];

/** Draw the marks of a text as a fragment; what is no mark stays text. */
export function inline(text, names, depth = 0) {
  const fragment = document.createDocumentFragment();
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const found = depth < DEEPEST && MARKS.has(text[at]) ? match(text, at) : null;
    if (!found) {
      plain += text[at++];
      continue;
    }
    const { rule, parts } = found;
    const drawn = rule.tag ? el(rule.tag, {}, inline(parts[1], names, depth + 1)) : rule.draw(parts, names, depth);
    if (typeof drawn === "string") {
      plain += drawn;
    } else {
      fragment.append(plain, drawn);
      plain = "";
    }
    at += parts[0].length;
  }
  fragment.append(plain);
  return fragment;
}

function match(text, at) {
  for (const rule of RULES) {
    rule.pattern.lastIndex = at;
    const parts = rule.pattern.exec(text);
    if (parts) return { rule, parts };
  }
  return null;
}

function mention(sign, name, unknown) {
  return el("span", { class: "mention" }, sign, el("bdi", {}, name || unknown));
}

function link(address, label) {
  const url = webUrl(address);
  return url ? el("a", { href: url, title: url, target: "_blank", rel: "noopener noreferrer" }, label) : label;
}

function spoiler(content) {
  const reveal = (event) => {
    event.currentTarget.replaceWith(el("span", { class: "spoiler-open" }, content));
  };
  return el("button", { class: "spoiler", type: "button", onclick: reveal }, say("spoiler"));
}
