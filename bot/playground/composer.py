"""Reads a line as Discord's composer does: ``/attention text:The cat sat layer:2``."""

from __future__ import annotations

import re

from bot.playground.forms import STRING, Slash
from bot.playground.world import Refused


def parse(line: str, commands: list[Slash]) -> tuple[Slash, dict[str, str]]:
    """Return the command a line names and the values of its options.

    A value runs until the next ``name:`` of an option of that command. Words without a name go to the first required
    option that takes text.

    Raises:
        Refused: With the list of commands, if the line names none of them.
    """
    typed = line.strip().removeprefix("/")
    for slash in sorted(commands, key=lambda slash: -len(slash.name)):
        rest = typed.removeprefix(slash.name)
        if rest != typed and (not rest or rest[0].isspace()):
            return slash, _values(slash, rest)
    known = "\n".join(f"  /{slash.name} – {slash.description}" for slash in sorted(commands, key=lambda c: c.name))
    raise Refused(f"There is no command /{typed.split(maxsplit=1)[0] if typed else ''}. These are:\n{known}")


def _values(slash: Slash, text: str) -> dict[str, str]:
    names = "|".join(re.escape(option["name"]) for option in slash.options)
    start, *named = re.split(rf"(?:^|(?<=\s))({names}):", text) if names else [text]
    values = dict(zip(named[::2], (value.strip() for value in named[1::2]), strict=True))
    if start := start.strip():
        first = next((o["name"] for o in slash.options if o.get("required") and o["type"] == STRING), None)
        if first is None or first in values:
            known = ", ".join(f"{option['name']}:" for option in slash.options) or "none"
            raise Refused(f'"{start}" belongs to no option. The options of /{slash.name}: {known}')
        values[first] = start
    return values
