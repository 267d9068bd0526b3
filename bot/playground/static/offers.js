// What can be done with the words on the free line of the composer.

import { nearest, search, textOption } from "./commands.js";

/**
 * Offer commands that fit the words, as {title, items} for the panel: "/tok" looks for commands, plain words can be used
 * with every command that takes some. `choose(command)` and `speak()` do what the person picked.
 */
export function offers(words, commands, { choose, speak }) {
  if (words.startsWith("/")) {
    const found = search(commands, words.slice(1));
    if (found.length) return { title: "Commands", items: asItems(found, choose) };
    const meant = nearest(commands, words.slice(1).split(/\s/u)[0]);
    const asked = meant.length ? `: did you mean /${meant[0].name}?` : "";
    return { title: `No command is called that${asked}`, items: asItems(meant, choose) };
  }
  const message = { label: "Send as a message", detail: "The bot does not read it, its Apps menu does", pick: speak };
  return { title: "Use these words with", items: [...asItems(commands.filter(textOption), choose), message] };
}

/** Commands as items for the panel. */
export function asItems(commands, choose) {
  return commands.map((command) => ({
    label: `/${command.name}`,
    detail: command.description,
    pick: () => choose(command),
  }));
}
