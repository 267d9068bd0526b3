"""What cards say beside their headline."""

from __future__ import annotations

from cogs._text import quote
from core.normal import changes
from core.render.filled import chance
from core.results import Tokenization, Unmasked


def together(result: Unmasked) -> str:
    """The ways to fill several masks together, a line each."""
    lines = [
        f"{quote(' '.join(word.strip() for word in filling.words), 80)} {chance(filling.probability)} · "
        f"{filling.method}, in the order {', '.join(str(number + 1) for number in filling.order)}"
        for filling in result.fillings
    ]
    return "\n".join(["**All masks together**", *lines])


def normalised(source: Tokenization) -> list[str]:
    """What the tokenizer did to a text before it cut it; nothing if it did nothing."""
    changed = changes(source)
    return [f"Before cutting: {', '.join(changed)}: {quote(source.normal or '', 200)}"] if changed else []
