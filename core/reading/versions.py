"""Two versions of a text whose insides are compared, token by token."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from core.errors import BadInput
from core.reading.masks import answer_positions
from core.reading.separators import VERSUS, split_versions
from core.results import Tokenization


def require_versions(text: str) -> tuple[str, str]:
    """The two texts with `VERSUS` between them.

    Raises:
        BadInput: There is only one.
    """
    first, *others = split_versions(text)
    if not others:
        raise BadInput(
            "Patching needs two texts: write one as `text`, and one of as many tokens as `against`.",
        )
    return first, others[0]


@contextmanager
def telling_which(number: int) -> Generator[None]:
    """Let a refusal of the second text, whose number is 1, say that it is about that one."""
    try:
        yield
    except BadInput as error:
        if not number:
            raise
        raise BadInput("The second text: {reason}", reason=error) from error


def require_alike(first: Tokenization, second: Tokenization) -> None:
    """Refuse two texts of which one cannot take the place of the other, token by token.

    Raises:
        BadInput: They have not as many tokens, or not their gap at the same token, or are the same.
    """
    counts = {"first": len(first.tokens), "second": len(second.tokens)}
    if counts["first"] != counts["second"]:
        raise BadInput(
            "The first text has {first} tokens for this model and the second {second}, and patching needs as many: "
            "exchange a word for one of as many tokens; /tokens shows how a text is cut.",
            **counts,
        )
    (place,), (other) = answer_positions(first), answer_positions(second)
    if (place,) != other:
        raise BadInput(
            "The gap is token {first} of the first text and token {second} of the second: it has to be the same one.",
            first=place + 1,
            second=other[0] + 1,
        )
    if first.ids == second.ids:
        raise BadInput("Those two texts are the same to the model: change a word in one of them.")


def joined(first: Tokenization, second: Tokenization) -> str:
    """Both texts, as they are typed in one."""
    return f"{first.text} {VERSUS} {second.text}"
