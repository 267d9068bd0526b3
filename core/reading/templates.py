"""Templates: a text with one slot ``{A|B|…}`` stands for as many texts as there are fillings.

Braces with a bar are common in code and mathematics, too. A slot is only what reads as one, and ``\\{`` is a brace.
"""

from __future__ import annotations

import re
import unicodedata

from core.errors import BadInput
from core.reading.separators import SEPARATOR

BRACES = re.compile(r"\{([^{}\n]*)\}")
MAX_FILLINGS = 20

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
"""As in Markdown: as many backticks at the end as at the beginning."""

_BEFORE_CODE = re.compile(r"([\\_^${}@#)]|\\\w+|=\s*|[=-]>\s*)$")
"""What stands before braces that are no slot: an escape, an index, a command of LaTeX, an assignment."""

_CODE = re.compile(
    r"""[\\;]|\|\s*\||\w\(|\w_\w   # an escape, a statement, a logical or, a call, an identifier
    |"\s*:|^\s*["']?[^\W\d]\w*["']?\s*:   # JSON and its relatives
    |^\s*\|.*\|   # the parameters of a block
    |^\s*(?!a\b)([^\W\d_])\s*\|\s*\1\b   # a set: all x for which …""",
    re.VERBOSE,
)


def is_template(text: str) -> bool:
    """Whether a text is a template."""
    return bool(find_slots(text))


def find_slots(text: str) -> list[re.Match[str]]:
    """The slots of a text: braces around words with bars between, which neither code nor mathematics is like."""
    spans = [found.span() for found in _CODE_SPAN.finditer(text)]
    return [
        found
        for found in BRACES.finditer(text)
        if _reads_as_slot(text[: found.start()], found[1])
        and not any(start < found.start() < end for start, end in spans)
    ]


def unescape(text: str) -> str:
    """A text without the backslashes that keep braces from being slots; all others are what was written."""
    return re.sub(
        rf"\\({BRACES.pattern})",
        lambda found: found[1] if _reads_as_slot(text[: found.start()], found[2]) else found[0],
        text,
    )


def expand_template(template: str) -> list[tuple[str, str]]:
    """Each filling of a template with its text, in order, each once; an empty one leaves the slot out.

    Raises:
        BadInput: There is not exactly one slot, it has too few or too many fillings, or there are several texts.
    """
    found = find_slots(template)
    if len(found) != 1:
        raise BadInput(
            "A template has one slot such as {France|Iceland}: write one, and only one; `\\{` is only a brace."
        )
    if SEPARATOR.search(template):
        raise BadInput("A template is one text: leave out `;;`, or the bars between the braces.")
    (slot,) = found
    fillings = list(dict.fromkeys(" ".join(filling.split()) for filling in slot[1].split("|")))
    if not 2 <= len(fillings) <= MAX_FILLINGS:
        raise BadInput(
            "Different fillings of that slot: {count}. Write 2 to {most} between the bars.",
            count=len(fillings),
            most=MAX_FILLINGS,
        )
    before, after = unescape(template[: slot.start()]), unescape(template[slot.end() :])
    return [
        (filling, f"{before}{filling}{after}" if filling else f"{before.rstrip()} {after.lstrip()}")
        for filling in fillings
    ]


def _reads_as_slot(before: str, inside: str) -> bool:
    """Whether braces around `inside` are a slot, given the text before them."""
    if "|" not in inside or not inside.strip("| ") or _BEFORE_CODE.search(before[-80:]) or _CODE.search(inside):
        return False
    return not any(unicodedata.category(sign) == "Sm" and sign not in "|+~−" for sign in inside)
