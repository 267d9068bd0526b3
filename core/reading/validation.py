"""What may be asked about: checks that cost nothing and come before anything else."""

from __future__ import annotations

from core.errors import BadInput

MAX_CHARACTERS = 2000
"""Characters. More never fits into the models' 512 tokens, except as one letter repeated."""

MAX_CHARACTERS_IN_WINDOWS = 4000
"""Characters of a text for `/sentiment`: as many as fit into a form of Discord's."""

MAX_LINES = 10
"""Texts that are scored at once."""


def validate_text(text: object, command: str = "") -> str:
    """A text as the models get it, see `replace_surrogates`.

    Raises:
        BadInput: It is of another type, is empty, or has too many characters for the command.
    """
    if not isinstance(text, str):
        raise BadInput(
            "A text is a `str`, and that is a `{type}`: give one text, or several to `core.each`.",
            type=type(text).__name__,
        )
    longest = MAX_CHARACTERS_IN_WINDOWS if command == "sentiment" else MAX_CHARACTERS
    if not text.strip():
        raise BadInput("That text is empty: write a sentence.")
    if len(text) > longest:
        raise BadInput(
            "That text has {count:,} characters and at most {most:,} are read: shorten it.",
            count=len(text),
            most=longest,
        )
    return replace_surrogates(text)


def replace_surrogates(text: str) -> str:
    """A text in which half surrogate pairs, which no encoding can carry, have become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of a text with something in them.

    Raises:
        BadInput: There are more than `MAX_LINES`.
    """
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(found) > MAX_LINES:
        raise BadInput(
            "Texts with `;;` or a line break between them are scored one by one, at most {most} at once, and there are "
            "{count}: leave some out.",
            most=MAX_LINES,
            count=len(found),
        )
    return found
