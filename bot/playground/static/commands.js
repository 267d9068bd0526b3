// The commands the bot registered, as the composer uses them, and the checks Discord makes before it sends one.

import { say } from "./language.js";

const SLASH = 1;
const MESSAGE_MENU = 3;
export const OPTION = { SUBCOMMAND: 1, GROUP: 2, STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, NUMBER: 10 };
const CHARACTERS = {
  from: (least) => say("at least {least} characters", { least }),
  upTo: (most) => say("up to {most} characters", { most }),
  between: (least, most) => say("{least} to {most} characters", { least, most }),
};
const NUMBERS = {
  from: (least) => say("at least {least}", { least }),
  upTo: (most) => say("up to {most}", { most }),
  between: (least, most) => say("{least} to {most}", { least, most }),
};
const DRAWABLE = new Set(Object.values(OPTION));

/** Slash commands by name, required options first; a subcommand counts as a command named "group sub". */
export function slashCommands(registered) {
  const commands = registered
    .filter((command) => (command.type ?? SLASH) === SLASH)
    .flatMap((command) => leaves(command, command.name));
  return commands.sort((a, b) => a.name.localeCompare(b.name));
}

function leaves({ description, options = [] }, name) {
  const inside = options.filter((option) => option.type === OPTION.SUBCOMMAND || option.type === OPTION.GROUP);
  if (inside.length) return inside.flatMap((option) => leaves(option, `${name} ${option.name}`));
  const usable = options.filter((option) => DRAWABLE.has(option.type));
  return [{ name, description, options: usable.sort((a, b) => Boolean(b.required) - Boolean(a.required)) }];
}

/** Commands for the menu of a message. */
export function messageCommands(registered) {
  return registered.filter((command) => command.type === MESSAGE_MENU);
}

/** The option a person's own words go into, if the command has one. */
export function textOption(command) {
  return command.options.find((option) => option.type === OPTION.STRING && option.required && !option.choices?.length);
}

/** Commands whose name or description contains `query`, best first. */
export function search(commands, query) {
  const wanted = query.toLowerCase();
  const rank = ({ name, description }) => {
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return description?.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return commands.filter((command) => rank(command) < 3).sort((a, b) => rank(a) - rank(b));
}

/** The command that shares most pairs of letters with a mistyped name, as [command]; [] if none shares half of them. */
export function nearest(commands, name) {
  const wanted = pairs(name);
  const share = (command) => {
    const other = pairs(command.name);
    return (2 * other.filter((pair) => wanted.includes(pair)).length) / (wanted.length + other.length);
  };
  const [best] = [...commands].sort((a, b) => share(b) - share(a));
  return best && share(best) >= 0.5 ? [best] : [];
}

function pairs(name) {
  const signs = [..." ", ...name.toLowerCase()];
  return signs.slice(1).map((sign, place) => signs[place] + sign);
}

/** Read "/tokens text:The cat" or "/tokens The cat" as {command, values}, or null while no command is spelt out. */
export function parse(text, commands) {
  const fits = commands.filter((command) => text.toLowerCase().startsWith(`/${command.name} `));
  const command = fits.sort((a, b) => b.name.length - a.name.length)[0];
  return command ? { command, values: splitOptions(text.slice(command.name.length + 2), command.options) } : null;
}

function splitOptions(text, options) {
  if (!options.length) return {};
  const mark = new RegExp(`(?:^|(?<=\\s))(${options.map((option) => option.name).join("|")}):`, "u");
  const [free, ...pairs] = text.split(mark); // free text, name, value, name, value, …
  const values = {};
  for (let i = 0; i < pairs.length; i += 2) values[pairs[i]] = pairs[i + 1].trim();
  const first = options.find((option) => !(option.name in values));
  if (free.trim() && first) values[first.name] = free.trim();
  return values;
}

/** What an option may be set to, as [{name, value}], or null where anything goes. `names` as for markdown(). */
export function choicesOf(option, { people, channel }) {
  if (option.choices?.length) return option.choices;
  if (option.type === OPTION.BOOLEAN) return [true, false].map((value) => ({ name: value ? "True" : "False", value }));
  if (option.type === OPTION.USER)
    return [...people.values()].map(({ id, username }) => ({ name: username, value: id }));
  if (option.type === OPTION.CHANNEL) return [{ name: channel.name, value: channel.id }];
  return null;
}

/** Read what was typed for an option: {value}, {error: sentence}, or {} for an optional one left empty. */
export function read(option, text, names) {
  if (!text.trim()) return option.required ? { error: say("This option is required.") } : {};
  const choices = choicesOf(option, names);
  if (choices) {
    const choice = choices.find(({ name }) => name.toLowerCase() === text.trim().toLowerCase());
    return choice ? { value: choice.value } : { error: say("Choose one of the listed values.") };
  }
  if (option.type === OPTION.STRING)
    return within(text, [...text].length, option.min_length, option.max_length, CHARACTERS);
  const number = Number(text);
  if (option.type === OPTION.INTEGER && !(/^\s*[+-]?\d+\s*$/.test(text) && Number.isSafeInteger(number)))
    return { error: say("Enter a whole number.") };
  if (!Number.isFinite(number)) return { error: say("Enter a number.") };
  return within(number, number, option.min_value, option.max_value, NUMBERS);
}

function within(value, size, least, most, kind) {
  if (size >= (least ?? -Infinity) && size <= (most ?? Infinity)) return { value };
  const bounds = span(least, most, kind);
  if (kind === CHARACTERS) return { error: say("Enter {bounds}, not {count}.", { bounds, count: size }) };
  return { error: say("Enter {bounds}.", { bounds }) };
}

/** The limits of an option in words, "1 to 12" or "up to 400 characters", or "". */
export function limits(option) {
  if (option.type === OPTION.STRING) return span(option.min_length, option.max_length, CHARACTERS);
  return span(option.min_value, option.max_value, NUMBERS);
}

function span(least, most, kind) {
  const low = (least ?? null) !== null && !(kind === CHARACTERS && least <= 1); // "up to", not "1 to"
  if ((most ?? null) === null) return low ? kind.from(least) : "";
  return low ? kind.between(least, most) : kind.upTo(most);
}
