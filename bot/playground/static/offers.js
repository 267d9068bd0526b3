// What can be done with the words on the free line of the composer.

import { nearest, search, textOption } from "./commands.js";
import { say } from "./language.js";

/**
 * Offer commands that fit the words, as {title, items} for the panel: "/tok" looks for commands, plain words can be used
 * with every command that takes some. `choose(command)` and `speak()` do what the person picked.
 */
export function offers(words, commands, { choose, speak }) {
  if (words.startsWith("/")) {
    const found = search(commands, words.slice(1));
    if (found.length) return { title: say("Commands"), items: asItems(found, choose) };
    const meant = nearest(commands, words.slice(1).split(/\s/u)[0]);
    const title = meant.length
      ? say("No command is called that: did you mean /{name}?", { name: meant[0].name })
      : say("No command is called that");
    return { title, items: asItems(meant, choose) };
  }
  const message = {
    label: say("Send as a message"),
    detail: say("The bot does not read it, its Apps menu does"),
    pick: speak,
  };
  return { title: say("Use these words with"), items: [...asItems(commands.filter(textOption), choose), message] };
}

/** Commands as items for the panel. */
export function asItems(commands, choose) {
  return commands.map((command) => ({
    label: `/${command.name}`,
    detail: command.description,
    pick: () => choose(command),
  }));
}
