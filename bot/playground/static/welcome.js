// What stands above the history: where you are, what to do here, and examples one press away.

import { textOption } from "./commands.js";
import { el } from "./dom.js";

const MOST_EXAMPLES = 4;
const SENTENCES = [
  { about: /attention/, words: "The animal didn't cross the street because it was too tired." },
  { about: /mask/, words: "The capital of France is [MASK]." },
  { about: /sentiment/, words: "This course is not bad at all!" },
  { about: /token/, words: "Transformer models are powerful." },
];

/** Draw the welcome. `start(name, texts)` puts a command into the composer. */
export function welcome(channel, bot, commands, start) {
  const examples = examplesOf(commands);
  return el(
    "section",
    { class: "welcome", "aria-label": "Welcome" },
    el("span", { class: "welcome-sign", "aria-hidden": "true" }, "#"),
    el("h2", {}, "Welcome to #", el("bdi", {}, channel.name)),
    el(
      "p",
      {},
      el("bdi", {}, bot.username),
      " answers commands here. Type ",
      el("kbd", {}, "/"),
      " to see them all",
      examples.length ? ", or start with one of these:" : ".",
    ),
    examples.length > 0 &&
      el(
        "ul",
        { class: "examples" },
        examples.map(({ command, option, words }) =>
          el(
            "li",
            {},
            example(command, words, () => start(command.name, { [option.name]: words })),
          ),
        ),
      ),
    !commands.length && el("p", { class: "muted" }, "It has not registered any command yet."),
  );
}

function example(command, words, onclick) {
  return el(
    "button",
    { type: "button", class: "example", onclick },
    el("strong", {}, `/${command.name}`),
    el("span", {}, words),
  );
}

/** Commands that take words, with a sentence that suits each; the ones this page knows a sentence for come first. */
function examplesOf(commands) {
  const taking = commands
    .filter(textOption)
    .map((command) => ({ command, option: textOption(command), place: placeOf(command) }));
  const best = taking.sort((a, b) => a.place - b.place).slice(0, MOST_EXAMPLES);
  return best.map(({ command, option, place }) => ({
    command,
    option,
    words: (SENTENCES[place] ?? SENTENCES[0]).words,
  }));
}

function placeOf(command) {
  const place = SENTENCES.findIndex(({ about }) => about.test(command.name));
  return place < 0 ? SENTENCES.length : place;
}
