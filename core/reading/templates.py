"""Templates: a text with one slot ``{A|B|…}`` stands for as many texts as there are fillings."""

from __future__ import annotations

import re

from core.errors import BadInput

SLOT = re.compile(r"\{([^{}]*\|[^{}]*)\}")
MAX_FILLINGS = 20


def is_template(text: str) -> bool:
    """Whether a text is a template."""
    return bool(SLOT.search(text))


def expand_template(template: str) -> list[tuple[str, str]]:
    """Each filling of a template with its text, in order, each once; an empty one leaves the slot out.

    Raises:
        BadInput: There is not exactly one slot, or it has too few or too many fillings.
    """
    found = list(SLOT.finditer(template))
    if len(found) != 1:
        raise BadInput("A template has one slot such as {France|Iceland}: write one, and only one.")
    (slot,) = found
    fillings = list(dict.fromkeys(" ".join(filling.split()) for filling in slot[1].split("|")))
    if not 2 <= len(fillings) <= MAX_FILLINGS:
        raise BadInput(
            "Different fillings of that slot: {count}. Write 2 to {most} between the bars.",
            count=len(fillings),
            most=MAX_FILLINGS,
        )
    before, after = template[: slot.start()], template[slot.end() :]
    return [
        (filling, f"{before}{filling}{after}" if filling else f"{before.rstrip()} {after.lstrip()}")
        for filling in fillings
    ]
