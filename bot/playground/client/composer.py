"""Reads a line as Discord's composer does: ``/attention text:The cat sat layer:2``.

There a person chooses an option from a list; here a text may hold ``name:`` by chance. It begins an option only if that
is not given yet, and if its value stands right behind it or fits. ``name\\:`` never does.
"""

from __future__ import annotations

import re

from bot.playground.client.forms import BOOLEAN, INTEGER, NUMBER, STRING, Slash
from bot.playground.payloads import Json
from bot.playground.world import Refused
from core.spelling import nearest


def parse(line: str, commands: list[Slash]) -> tuple[Slash, dict[str, str]]:
    """Return the command a line names and the values of its options.

    A value runs until the next option of that command. Words without a name go to the first required option that takes
    text.

    Raises:
        Refused: With the list of commands, and the one that may have been meant, if the line names none of them.
    """
    typed = line.strip().removeprefix("/")
    for slash in sorted(commands, key=lambda slash: -len(slash.name)):
        rest = typed.removeprefix(slash.name)
        if rest != typed and (not rest or rest[0].isspace()):
            return slash, _values(slash, rest)
    known = "".join(f"\n  /{slash.name} – {slash.description}" for slash in sorted(commands, key=lambda c: c.name))
    word = typed.split(maxsplit=1)[0] if typed else ""
    near = nearest(word, (slash.name for slash in commands))
    if near:
        raise Refused(
            "There is no command /{word}. Did you mean /{near}? These are:{known}", word=word, near=near, known=known
        )
    raise Refused("There is no command /{word}. These are:{known}", word=word, known=known)


def _values(slash: Slash, text: str) -> dict[str, str]:
    begun = _options(slash, text)
    starts, ends = [0, *(name.end() for name in begun)], [*(name.start() for name in begun), len(text)]
    start, *given = (_literal(slash, text[start:end].strip()) for start, end in zip(starts, ends, strict=True))
    values = {name[1]: value for name, value in zip(begun, given, strict=True)}
    if start:
        first = next((o["name"] for o in slash.options if o.get("required") and o["type"] == STRING), None)
        if first is None or first in values:
            if not slash.options:
                raise Refused("/{command} has no options: leave out “{words}”.", command=slash.name, words=start)
            known = ", ".join(f"{option['name']}:" for option in slash.options)
            raise Refused(
                "“{words}” belongs to no option. The options of /{command}: {known}",
                words=start,
                command=slash.name,
                known=known,
            )
        values[first] = start
    return values


def _options(slash: Slash, text: str) -> list[re.Match[str]]:
    """Where the options begin: each at most once, where its value stands right behind the colon or fits."""
    options = {option["name"]: option for option in slash.options}
    found = list(re.finditer(rf"(?<!\S)({_names(slash)}):", text))
    begun: dict[str, re.Match[str]] = {}
    for number, name in enumerate(found):
        value = text[name.end() : found[number + 1].start() if number + 1 < len(found) else None]
        if name[1] not in begun and (value[:1].strip() or _fits(options[name[1]], value.strip())):
            begun[name[1]] = name
    return list(begun.values())


def _literal(slash: Slash, value: str) -> str:
    """A value in which ``name\\:`` has become the words that it stands for."""
    return re.sub(rf"(?<!\S)({_names(slash)})\\:", r"\1:", value)


def _names(slash: Slash) -> str:
    """A pattern of the names of a command's options, which finds nothing where there are none."""
    return "|".join(re.escape(option["name"]) for option in slash.options) or "(?!)"


def _fits(option: Json, value: str) -> bool:
    """Whether an option takes a value; any text does for one that takes texts."""
    if choices := option.get("choices"):
        return value.casefold() in {str(said).casefold() for choice in choices for said in choice.values()}
    shapes = {BOOLEAN: "true|false", INTEGER: r"[-+]?\d+", NUMBER: r"[-+]?[\d.]+(e[-+]?\d+)?"}
    return bool(re.fullmatch(shapes.get(option["type"], ".*"), value, re.DOTALL | re.IGNORECASE))
