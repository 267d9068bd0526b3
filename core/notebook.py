"""One call for a picture of anything, and pages that live in a notebook: `core.show` and `core.interactive`."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.maps.tour import choose_heads
from core.maps.two_models import Place, nearest_place
from core.render import (
    AblationGrid,
    AttributionBars,
    BottleneckView,
    ComparisonView,
    FillOrContinueView,
    HeadView,
    LensGrid,
    LogitLensBars,
    MovesView,
    OverviewGrid,
    PatchingGrid,
    PositionsView,
    SaturationView,
    SentimentBars,
    SentimentStrips,
    SurprisalStrip,
    TokenStrip,
    TwoHeads,
    TwoSentimentBars,
    TwoUnmaskBars,
    UnmaskBars,
    VariantBars,
    WeightView,
    WindowStrips,
    WritingView,
    lab_view,
)
from core.render.kit.drawing.palette import Theme
from core.render.kit.view import Picture
from core.results import (
    Ablation,
    AttentionMap,
    AttentionRow,
    BlockMoves,
    Bottleneck,
    DecodedText,
    Explanation,
    FillOrContinue,
    LayerPredictions,
    LensMap,
    Patching,
    Positions,
    Saturation,
    Sentiment,
    SentimentBatch,
    Surprisal,
    Tokenization,
    TokenizerComparison,
    TwoFillings,
    TwoMaps,
    TwoSentiments,
    Unmasked,
    Variants,
    WorkedExercise,
    Written,
)
from core.takeaway.export import page
from core.takeaway.recipe import build_recipe

TALL = 640
"""Pixels of a page in a notebook, by default."""


PICTURES: dict[type[Any], Callable[[Any, Theme], Picture]] = {
    Sentiment: lambda what, theme: WindowStrips(what, theme) if what.windows else SentimentBars(what, theme),
    SentimentBatch: SentimentStrips,
    Variants: VariantBars,
    Explanation: AttributionBars,
    Ablation: lambda what, theme: AblationGrid(what, theme=theme),
    Unmasked: UnmaskBars,
    LayerPredictions: LogitLensBars,
    LensMap: lambda what, theme: LensGrid(what, theme=theme),
    Patching: PatchingGrid,
    Written: WritingView,
    Surprisal: SurprisalStrip,
    Tokenization: TokenStrip,
    DecodedText: lambda what, theme: TokenStrip(what.source, theme),
    TokenizerComparison: ComparisonView,
    WorkedExercise: lab_view,
    AttentionRow: lambda what, theme: WeightView(what, theme=theme),
    BlockMoves: lambda what, theme: MovesView(what, what.source.words[0][0] if what.source.words else 0, theme),
    Bottleneck: BottleneckView,
    FillOrContinue: FillOrContinueView,
    Positions: PositionsView,
    Saturation: SaturationView,
    TwoSentiments: TwoSentimentBars,
    TwoFillings: TwoUnmaskBars,
}
"""What `show` draws of each result; maps of attention are drawn in several ways."""


def show(
    what: Any,
    tokens: Sequence[str] | Tokenization | None = None,
    *,
    layer: int | None = None,
    head: int | None = None,
    rows: Sequence[str] | Tokenization | None = None,
    theme: Theme = "dark",
    shown: str = "all",
) -> Picture:
    """A picture of a result, or of attention weights from anywhere; a notebook shows it, ``save`` writes it to a file.

    >>> show([[0.9, 0.1], [0.5, 0.5]], ["it", "was"], theme="light")
    <HeadView: <AttentionMap: 1 layer × 1 head · 2 tokens · “it was” · ...> · layer 1 · head 1 · theme light>

    Args:
        what: Any result of a core; or attention weights, as `AttentionMap.of` reads them.
        tokens: The tokens of weights.
        layer: Which layer, from 1; without one, all heads of all layers are shown, or the only head.
        head: Which head of it, from 1; without one, the mean of the layer's heads.
        rows: The tokens that look, if they are not `tokens`.
        theme: ``dark`` or ``light``.
        shown: Which tokens of one square: ``all``, ``words`` (whole), ``plain`` (without special tokens), ``bare``
            (both), or of a pair ``aa``, ``ab``, ``ba``, ``bb``.

    Raises:
        BadInput: There is no such layer, head, theme or choice of tokens, or these are no attention weights.
    """
    if isinstance(what, TwoMaps):
        return _both_shown(what, (1 if layer is None else layer, head), theme, shown)
    if draw := PICTURES.get(type(what)):
        return draw(what, theme)
    attention = what if isinstance(what, AttentionMap) else AttentionMap.of(what, tokens, rows=rows)
    return _map_shown(attention, layer, head, theme, shown)


@dataclass(frozen=True, slots=True)
class Page:
    """A page that needs nothing else; a notebook shows it in a frame of its own.

    Attributes:
        html: The page.
        height: Pixels of the frame.
    """

    html: str
    height: int = TALL

    def save(self, path: str | Path) -> Path:
        """Write it to an ``.html``, which opens in any browser without a network."""
        Path(path).write_text(self.html, encoding="utf-8")
        return Path(path)

    def __repr__(self) -> str:
        return f"<Page: {len(self.html):,} characters of HTML>"

    def _repr_html_(self) -> str:
        """The page in a frame that neither knows nor touches the notebook, so that several get along."""
        inside = html.escape(self.html)
        return (
            f'<iframe srcdoc="{inside}" sandbox="allow-scripts" title="Attention, every head" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )


def interactive(
    what: Any,
    tokens: Sequence[str] | Tokenization | None = None,
    *,
    layer: int = 1,
    head: int | None = None,
    rows: Sequence[str] | Tokenization | None = None,
    height: int = TALL,
) -> Page:
    """The page that people take away from a picture, for any attention weights: every head and every number in it.

    Args:
        what: An `AttentionMap`, or weights as `AttentionMap.of` reads them.
        tokens: The tokens of weights.
        layer: The layer to begin with, from 1.
        head: Its head, from 1; without one, the mean of its heads.
        rows: The tokens that look, if they are not `tokens`.
        height: Pixels that the page gets.

    Raises:
        BadInput: There is no such layer or head, or these are no attention weights.
    """
    attention = what if isinstance(what, AttentionMap) else AttentionMap.of(what, tokens, rows=rows)
    view = HeadView(attention, layer, head, "light")
    made = build_recipe(attention, {"layer": layer, "head": head or 0})
    return Page(page(attention, view.draw(), view.table(), made).decode(), height)


def _both_shown(maps: TwoMaps, place: Place, theme: Theme, shown: str) -> TwoHeads:
    """The same head of two models, or the second's last where it has fewer."""
    return TwoHeads(maps, place, nearest_place(maps.maps[1], place), theme, shown)


def _map_shown(attention: AttentionMap, layer: int | None, head: int | None, theme: Theme, shown: str) -> Picture:
    """One square, or all heads with the one outlined that is most worth seeing."""
    if layer is None and attention.layers == 1 and (head is not None or attention.heads == 1):
        layer, head = 1, 1 if head is None else head
    if layer is not None:
        return HeadView(attention, layer, head, theme, shown)
    if head is not None or shown != "all":
        raise BadInput("There are {count} layers: say with layer= which one is meant.", count=attention.layers)
    stops = choose_heads(attention, 1)
    return OverviewGrid(attention, *((stops[0].layer + 1, stops[0].head + 1) if stops else (1, None)), theme)
