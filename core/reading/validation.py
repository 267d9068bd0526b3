"""What may be asked about: checks that cost nothing and come before anything else."""

from __future__ import annotations

from core.errors import BadInput

LONGEST = 2000
"""Characters. More never fits into the models' 512 tokens, except as one letter repeated."""

LONGEST_READ_IN_WINDOWS = 4000
"""Characters of a text for `/sentiment`: as many as fit into a form of Discord's."""

MOST_LINES = 10
"""Texts that are scored at once."""


def checked(text: str, command: str = "") -> str:
    """A text as the models get it, see `whole`.

    Raises:
        BadInput: It is empty or has too many characters for the command.
    """
    longest = LONGEST_READ_IN_WINDOWS if command == "sentiment" else LONGEST
    if not text.strip():
        raise BadInput("That text is empty: write a sentence.")
    if len(text) > longest:
        raise BadInput(
            "That text has {count:,} characters and at most {most:,} are read: shorten it.",
            count=len(text),
            most=longest,
        )
    return whole(text)


def whole(text: str) -> str:
    """A text in which half surrogate pairs, which no encoding can carry, have become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text with something in them.

    Raises:
        BadInput: There are more than `MOST_LINES`.
    """
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(found) > MOST_LINES:
        raise BadInput(
            "Each line is scored on its own, at most {most} at once, and that text has {count}: leave some out, or "
            "write it in one line.",
            most=MOST_LINES,
            count=len(found),
        )
    return found
