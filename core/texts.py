"""What may be asked about: checks that cost nothing and come before anything else."""

from __future__ import annotations

from core.errors import BadInput

LONGEST = 2000
"""Characters. More never fits into the models' 512 tokens, except as one letter repeated."""


def checked(text: str, longest: int = LONGEST) -> str:
    """A text as the models get it, see `whole`.

    Raises:
        BadInput: It is empty or longer than `longest` characters.
    """
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
