"""What the card of each kind of result shows: one entry of `FACES` for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cogs.cards.attention_controls import rows_of_map
from cogs.cards.attention_views import KINDS
from cogs.cards.controls import Control, button
from cogs.cards.markdown import quote
from cogs.cards.notes import filled, in_windows, normalised, one_by_one, side_by_side, there_and_back, wrote
from cogs.cards.view_state import Look
from core.facade import View
from core.language import Language
from core.reading.emoji_spacing import can_rescue
from core.render import (
    ComparisonView,
    LayerBars,
    SentimentBars,
    SeveralStrips,
    TokenStrip,
    UnmaskBars,
    VariantBars,
    WhyBars,
    WindowStrips,
    WorkedView,
)
from core.render.kit.words import count_ids, count_tokens, percent
from core.results import (
    AttentionMap,
    Comparison,
    Decoded,
    Explained,
    Layered,
    Sentiment,
    Several,
    Tokenization,
    Unmasked,
    Variants,
    Worked,
)
from core.serving.result_cache import Result

LENSES = {"sentiment": "Sentiment", "tokens": "Tokens", "attention": "Attention"}
"""Commands that can look at the text of another card."""

IDS_AND_FILES = ("listing", "", "Ids and files")


@dataclass(frozen=True, slots=True)
class Face:
    """How one kind of result looks on a card.

    Attributes:
        command: The command or button that it answers; the picture's file is named after it.
        headline: The first line.
        view: The picture, of a result seen in some way.
        notes: More lines below the text.
        rows: Rows of controls of its own, given the result's key.
        actions: Buttons of its own beside "As text": what they do, their detail and their label.
        one_text: Whether it is about one text, which other commands can look at, too.
    """

    command: str
    headline: Callable[[Language, Any, Look], str]
    view: Callable[[Any, Look], View]
    notes: Callable[[Language, Any], list[str]] = lambda *_: []
    rows: Callable[[Language, str, Any, Look], list[list[Control]]] = lambda *_: []
    actions: tuple[tuple[str, str, str], ...] = ()
    one_text: bool = True

    def picture(self, say: Language, result: Result, look: Look) -> View:
        """The picture of a result, on the ground that is wanted, in a language."""
        view: Any = self.view(result, look)  # every view is a dataclass with these two
        return replace(view, theme=look.theme, say=say)

    def controls(self, say: Language, key: str, result: Result, look: Look) -> list[list[Control]]:
        """All rows of controls of a card, at most five buttons in a row."""
        source = source_of(result) if self.one_text else None
        rows = self.rows(say, key, result, look)
        if source and can_rescue(source):
            rows.append([button("rescue", key, look.along(self.command), say("Read it with a space"))])
        own = [
            button(action, key, look.along(detail) if detail else str(look), say(label))
            for action, detail, label in self.actions
        ]
        others = [name for name in LENSES if source and name != self.command]
        lenses = [button("lens", key, look.along(name), say(LENSES[name])) for name in others]
        return [*rows, [button("numbers", key, str(look), say("As text")), *own, *lenses][:5]]


FACES: dict[type[Any], Face] = {
    Sentiment: Face(
        "sentiment",
        headline=lambda say, result, _: _verdict(say, result),
        view=lambda result, _: SentimentBars(result),
        actions=(("lens", "why", "Why?"), ("whatif", "", "What if?")),
    ),
    Several: Face(
        "several",
        headline=lambda say, result, _: say(
            "{count} texts: {labels}", count=len(result.answers), labels=result.verdicts
        ),
        view=lambda result, _: SeveralStrips(result),
        notes=one_by_one,
        one_text=False,
    ),
    Variants: Face(
        "variants",
        headline=lambda say, result, _: say("{count} fillings", count=len(result.names)),
        view=lambda result, _: VariantBars(result),
        one_text=False,
    ),
    Explained: Face(
        "why",
        headline=lambda say, result, _: say("Why {label}?", label=result.label),
        view=lambda result, _: WhyBars(result),
    ),
    Unmasked: Face(
        "unmask",
        headline=lambda _, result, __: " · ".join(quote(mask[0].word, 40) for mask in result.masks),
        view=lambda result, _: UnmaskBars(result),
        notes=filled,
        actions=(("lens", "layers", "Layer by layer"),),
    ),
    Layered: Face(
        "layers",
        headline=lambda say, *_: say("Layer by layer"),
        view=lambda result, _: LayerBars(result),
    ),
    Tokenization: Face(
        "tokens",
        headline=lambda say, result, _: count_tokens(say, len(result.tokens)),
        view=lambda result, _: TokenStrip(result),
        notes=normalised,
        actions=(IDS_AND_FILES,),
    ),
    Comparison: Face(
        "compare",
        headline=lambda say, result, _: say("{count} tokenizers", count=len(result.sources)),
        view=lambda result, _: ComparisonView(result),
        notes=side_by_side,
        actions=(IDS_AND_FILES,),
        one_text=False,
    ),
    Decoded: Face(
        "decode",
        headline=lambda say, result, _: count_ids(say, len(result.source.tokens)),
        view=lambda result, _: TokenStrip(result.source),
        notes=there_and_back,
        actions=(IDS_AND_FILES,),
    ),
    AttentionMap: Face(
        "attention",
        headline=lambda say, _, look: say("Attention · {kind}", kind=say(KINDS[look.kind].label)),
        view=lambda result, look: look.view(result),
        notes=wrote,
        rows=rows_of_map,
        actions=(("take", "", "Take away"),),
    ),
    Worked: Face(
        "lab",
        headline=lambda say, *_: say("Attention, step by step"),
        view=lambda result, _: WorkedView(result),
        actions=(("take", "", "Take away"),),
        one_text=False,
    ),
}
IN_WINDOWS = replace(
    FACES[Sentiment],
    view=lambda result, _: WindowStrips(result),
    notes=in_windows,
    actions=(("whatif", "", "What if?"),),  # a text that does not fit at once cannot be explained at once
)
WHAT_IF = replace(FACES[Variants], command="whatif", headline=lambda say, *_: say("What if?"))


def face_of(result: Result) -> Face:
    """The face of a result."""
    if isinstance(result, Variants) and not result.template:
        return WHAT_IF
    if isinstance(result, Sentiment) and result.windows:
        return IN_WINDOWS
    return FACES[type(result)]


def source_of(result: Result) -> Tokenization | None:
    """The text that a result is about; none for an exercise."""
    if isinstance(result, Worked):
        return None
    return result if isinstance(result, Tokenization) else result.source


def _verdict(say: Language, result: Sentiment) -> str:
    best = result.scores[0]
    answer = f"{best.label} · {percent(say, best.probability)}"
    return say("Uncertain · leans to {answer}", answer=answer) if result.uncertain else answer
