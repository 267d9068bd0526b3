// What the page itself says. English sentences are the keys of every other language, as in cogs/languages.

const FIELD = /\{(\w+)\}/;
const ENGLISH = { code: "en", words: {} };
const PLACES = { text: "textContent", label: "ariaLabel", placeholder: "placeholder" };

let spoken = ENGLISH;

/**
 * Say everything in `language` from now on, {code, words}, and what stands on the page for good at once.
 * Returns whether it was another one before.
 */
export function speak(language = ENGLISH) {
  const changed = language.code !== spoken.code;
  spoken = language;
  document.documentElement.lang = language.code;
  for (const [place, property] of Object.entries(PLACES))
    for (const node of document.querySelectorAll(`[data-${place}]`)) node[property] = say(node.dataset[place]);
  return changed;
}

/** Say a sentence with values in its fields; numbers as one writes them in this language. */
export function say(sentence, values) {
  return sayWith(sentence, values).join("");
}

/** The same with nodes in the fields: the pieces in their order. */
export function sayWith(sentence, values = {}) {
  const pieces = (spoken.words[sentence] ?? sentence).split(FIELD); // text, field, text, field, …, text
  return pieces.map((piece, index) => (index % 2 ? written(values[piece]) : piece));
}

/** Say a sentence on a node that stays on the page whatever the language: as its "text", "label" or "placeholder". */
export function sayOn(node, place, sentence) {
  node.dataset[place] = sentence;
  node[PLACES[place]] = say(sentence);
}

/** How dates and numbers are written: as in this language, and in the reader's own country where it is spoken there. */
export function locale() {
  return navigator.languages.find((tag) => tag.split("-")[0] === spoken.code) ?? spoken.code;
}

function written(value) {
  if (typeof value !== "number") return value;
  return new Intl.NumberFormat(locale(), { useGrouping: false, maximumFractionDigits: 20 }).format(value);
}
