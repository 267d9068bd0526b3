// Points in time, written for the reader's own clock and language.

import { locale } from "./language.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const LAST_SECOND = 8.64e12; // the end of a JavaScript Date

/** A `<t:seconds:style>` of Discord; style R ("in 5 minutes") is kept fresh by `refreshTimes`. */
export function timestamp(seconds, style = "f") {
  if (Math.abs(seconds) > LAST_SECOND) return `<t:${seconds}>`;
  const node = document.createElement("time");
  const date = new Date(seconds * 1000);
  node.dateTime = date.toISOString();
  node.title = format(date, STYLES.F);
  if (style === "R") node.dataset.relative = "";
  node.textContent = style === "R" ? relative(date) : format(date, STYLES[style]);
  return node;
}

/** Rewrite every relative time in the page. */
export function refreshTimes() {
  for (const node of document.querySelectorAll("time[data-relative]"))
    node.textContent = relative(new Date(node.dateTime));
}

/** When a message was written: only the time today, else the date too. */
export function writtenAt(iso) {
  const date = new Date(iso ?? Date.now());
  const today = date.toDateString() === new Date().toDateString();
  const node = document.createElement("time");
  node.dateTime = date.toISOString();
  node.title = format(date, STYLES.F);
  node.textContent = format(date, today ? STYLES.t : STYLES.s);
  return node;
}

function format(date, style) {
  return new Intl.DateTimeFormat(locale(), style).format(date);
}

function relative(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}
