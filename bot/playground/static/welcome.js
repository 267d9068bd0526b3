// What stands above the history: where you are, what to do here, and examples one press away.

import { textOption } from "./commands.js";
import { el } from "./dom.js";
import { say, sayWith } from "./language.js";

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
  const parts = { bot: el("bdi", {}, bot.username), slash: el("kbd", {}, "/") };
  return el(
    "section",
    { class: "welcome", "aria-label": say("Welcome") },
    el("span", { class: "welcome-sign", "aria-hidden": "true" }, "#"),
    el("h2", {}, sayWith("Welcome to #{channel}", { channel: el("bdi", {}, channel.name) })),
    el(
      "p",
      {},
      examples.length
        ? sayWith("{bot} answers commands here. Type {slash} to see them all, or start with one of these:", parts)
        : sayWith("{bot} answers commands here. Type {slash} to see them all.", parts),
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
    !commands.length && el("p", { class: "muted" }, say("It has not registered any command yet.")),
  );
}

function example(command, words, onclick) {
  return el(
    "button",
    { type: "button", class: "example", onclick },
    el("strong", {}, `/${command.name}`),
    el("span", {}, words),
    el(
      "small",
      { class: "muted" },
      sayWith("Press this, then {enter} sends it", { enter: el("kbd", {}, say("Enter")) }),
    ),
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
