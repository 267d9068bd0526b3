"""Draw the gallery of the documentation from the bundled models: ``python -m benchmarks.gallery``.

Writes ``docs/pictures`` and ``docs/gallery.md``. The same models and libraries give the same files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from discord import ui

from cogs.cards.controls.items import Control
from cogs.cards.follow_ups import offered_ways
from cogs.cards.layouts import LAYOUTS, layout_of
from cogs.cards.sides import initial_state
from cogs.cards.view_state import ViewState
from core import Core, CoreSettings, lab
from core.facade import View
from core.language import ENGLISH
from core.maps.tour import choose_heads
from core.maps.word_links import strongest_link
from core.quiz.which_head import PATTERNS, choose, heads_of
from core.render import (
    AblationGrid,
    ArcsView,
    AttributionBars,
    BottleneckView,
    ComparisonView,
    FillOrContinueView,
    FourHeads,
    HeadMap,
    HeadView,
    LayerFilm,
    LensesView,
    LensGrid,
    LogitLensBars,
    MovesView,
    NormView,
    OverviewGrid,
    PatchingGrid,
    PositionsView,
    RolloutView,
    SaturationView,
    SentimentBars,
    SentimentStrips,
    SurprisalStrip,
    TokenStrip,
    TokenView,
    TourView,
    TwoHeads,
    TwoHeadsDifference,
    TwoUnmaskBars,
    UnmaskBars,
    VariantBars,
    WeightView,
    WindowStrips,
    WordGrid,
    WritingView,
    lab_view,
)
from core.render.kit.drawing.palette import Theme
from core.results import AttentionMap, TwoMaps

DOCS = Path(__file__).parents[1] / "docs"
BEFORE = "The animal didn't cross the street because it was too"
ANIMAL = f"{BEFORE} tired."
MINIMAL = f"{ANIMAL} [VS] {BEFORE} wide."
PAIR = "The cat sat on the mat. [SEP] It was very tired."
SCRIPTS = "你好 مرحبا नमस्ते 🎉 Привет שלום"
LONG = " ".join(["The old man and the young woman walked slowly along the river in the evening light."] * 6)
KEYS = "The keys to the cabinet ___ lost. [VS] The key to the cabinet ___ lost."
MEN = "The men in the house [VS] The man in the house"
MASKED = "Paris is the ___ of France."
BANKS = "I put the money in the ___ before the river rose over its banks."
TWO_MASKS = "The ___ of France is ___."
CITIES = "Paris, London, Ouagadougou"
OPENING = "The old man walked to the"
GAP = "I would like a cup of ___"
CUP = "I would like a cup of"
TYPO = f"{CUP} tee."
TRANSLATED = "I have 20 years old."
BACKWARDS = "I love transformers because attention is easy to see"
EXERCISES: list[tuple[str, str, Theme, dict[str, Any]]] = [
    ("lab", "The lab", "dark", {}),
    ("lab-causal", "The lab, typed, with a causal mask", "light", {"query": "1 0; 0 1", "mask": "causal"}),
    ("lab-additive", "The lab, additive, over words", "dark", {"kind": "additive", "names": "the cat sat"}),
    ("lab-against", "The lab, two kinds side by side", "dark", {"kind": "scaled", "against": "dot"}),
    ("lab-cross", "The lab, other keys than queries", "light", {"names": "le chat; the cat sat down", "scale": "1"}),
    ("lab-heads", "The lab, two heads with rotary positions", "dark", {"heads": 2, "positions": "rotary"}),
    ("lab-block", "The lab, a block of a Transformer", "dark", {"names": "the cat sat", "show": "block"}),
    ("lab-encodings", "The lab, encodings of positions", "dark", {"show": "encodings"}),
]
FEELING = "I loved every minute of this wonderful film."
DENIAL = "The film was not bad at all."
TEXTS = "I loved every minute of it.\nThe film is two hours long.\nA boring, terrible mess."
REVIEW = " ".join([FEELING] * 24 + ["Then it became a boring mess that I could not bear to watch."] * 24)
TEMPLATE = "This film was made in {France|Iceland|Japan}."

BEGINNING = """# Gallery

Every picture here was drawn by `python -m benchmarks.gallery` from the small models that come with the bot. Full-size
models give the same kinds of pictures, with more layers, more heads and more to find in them. The text that a screen
reader finds with each picture is the one that the bot sends. Below the first picture of each kind of card stand its
controls, row by row.
"""


def place_of(found: AttentionMap, piece: str) -> int:
    """Where a token stands first."""
    return [token.piece for token in found.source.tokens].index(piece)


def head_of(found: AttentionMap, piece: str) -> tuple[int, int]:
    """The layer and the head in which a word looks hardest at another, from 1."""
    link = strongest_link(found, place_of(found, piece))
    return (link.layer + 1, link.head + 1) if link else (1, 1)


def of_attention(
    animal: AttentionMap, pair: AttentionMap, scripts: AttentionMap, long: AttentionMap, minimal: AttentionMap
) -> Iterator[tuple[str, str, View]]:
    """File names, headings and pictures of `/attention`."""
    it, (layer, head) = place_of(animal, "it"), head_of(animal, "it")
    yield "head", "One head", HeadView(animal, layer, head, query=it)
    yield "head-light", "One head, light theme", HeadView(animal, layer, head, theme="light", query=it)
    yield "mean", "The mean of a layer", HeadView(animal, layer, None)
    yield "arcs", "Arcs", ArcsView(animal, layer, head, it)
    yield "tour", "Tour", TourView(animal)
    yield "overview", "All heads", OverviewGrid(animal, layer, head)
    yield "token", "One token", TokenView(animal, layer, head, it)
    yield "word-grid", "One word, every head", WordGrid(animal, layer, head, it)
    yield "norms", "Norm-weighted", NormView(animal, layer, head, query=it)
    yield "lenses", "Three lenses", LensesView(animal, layer, head, query=it)
    yield "rollout", "Rollout", RolloutView(animal, query=it)
    yield "head-map", "Head map", HeadMap(animal)
    if numbers := choose(animal, Random(3)):
        heads, asked = tuple((layer + 1, head + 1) for layer, head in heads_of(numbers)), PATTERNS[numbers[0]]
        yield "four-heads", "Which head? A question of /quiz", FourHeads(animal, heads, asked)
        yield "four-heads-answered", "Its answer", FourHeads(animal, heads, asked, answered=True, theme="light")
    yield "film", "Film through the layers", LayerFilm(animal, it)
    yield "words", "Whole words, special tokens hidden", HeadView(animal, layer, head, shown="bare")
    yield "pair", "A pair of texts", HeadView(pair, layer, head)
    yield (
        "pair-corner",
        "From the second text to the first",
        HeadView(pair, *head_of(pair, "it"), "light", shown="ba"),
    )
    (changed,) = choose_heads(minimal, 1)
    yield "difference", "A minimal pair", HeadView(minimal, changed.layer + 1, changed.head + 1)
    yield "difference-light", "The same, light theme", HeadView(minimal, changed.layer + 1, changed.head + 1, "light")
    yield "scripts", "Any script", HeadView(scripts, layer, head)
    yield "long", "A long text", HeadView(long, layer, head)


async def pictures(core: Core) -> list[tuple[str, str, View]]:
    """File names, headings and pictures of all commands."""
    compared = await core.compare(
        f"Unbelievable: a naïve café, {SCRIPTS}", others="bundled/bert-base-multilingual-cased, bundled/gpt2"
    )
    crossed = await core.attention(BACKWARDS, model="bundled/reverser")
    (looking,) = choose_heads(crossed, 1)
    forward = await core.attention(ANIMAL, model="bundled/gpt-mini")
    maps = [await core.attention(text) for text in (ANIMAL, PAIR, SCRIPTS, LONG, MINIMAL)]
    layer, head = head_of(maps[0], "it")
    beside = await core.attention_with(ANIMAL, other="bundled/bert-mini")
    row = await core.attention_row(ANIMAL, layer=layer, head=head, position=place_of(maps[0], "it"))
    return [
        *of_attention(*maps),
        ("weight", "How was this number made?", WeightView(row)),
        (
            "cross",
            "Cross-attention: a model that says a sentence backwards",
            HeadView(crossed, looking.layer + 1, looking.head + 1),
        ),
        (
            "cross-norms",
            "The same, norm-weighted",
            NormView(crossed, looking.layer + 1, looking.head + 1, theme="light"),
        ),
        ("two-heads", "Two models on one text", TwoHeads(beside, (layer, head), (2, 2), query=place_of(maps[0], "it"))),
        (
            "two-heads-difference",
            "The difference of two models",
            TwoHeadsDifference(beside, (layer, head), (2, 2), "light"),
        ),
        ("causal", "A causal model", OverviewGrid(forward, 1, 1)),
        ("sentiment", "Sentiment", SentimentBars(await core.sentiment(FEELING))),
        ("unmask", "Words for a mask", UnmaskBars(await core.unmask(MASKED))),
        (
            "targets",
            "Two masks, and words to compare",
            UnmaskBars(await core.unmask(TWO_MASKS, top=3, compare=CITIES)),
        ),
        ("tokens", "Tokens", TokenStrip(await core.tokens(f"Transformers are unbelievably powerful: {SCRIPTS}"))),
        ("comparison", "Tokenizers side by side", ComparisonView(compared)),
        ("several", "Several texts at once", SentimentStrips(await core.several(TEXTS))),
        ("windows", "A long text in windows", WindowStrips(await core.sentiment(REVIEW))),
        ("variants", "Every filling of a text", VariantBars(await core.variants(TEMPLATE))),
        ("why", "Why?", AttributionBars(await core.why(DENIAL))),
        ("why-word", "Why this word?", AttributionBars(await core.why_word(MASKED))),
        (
            "why-rather",
            "Rather than another word",
            AttributionBars(await core.why_word(MASKED, answer="capital", rather="city"), theme="light"),
        ),
        ("why-next", "Why this word next?", AttributionBars(await core.why_word(CUP, model="bundled/gpt-mini"))),
        ("surprisal", "How surprised?", SurprisalStrip(await core.surprisal(TRANSLATED))),
        (
            "surprisal-causal",
            "How surprised is a causal model?",
            SurprisalStrip(await core.surprisal(TYPO, model="bundled/gpt-mini"), theme="light"),
        ),
        ("layers", "Layer by layer", LogitLensBars(await core.layers(MASKED))),
        ("lens", "Every word, layer by layer", LensGrid(await core.lens(MASKED))),
        ("ablation", "Without each head", AblationGrid(await core.ablate_word(MASKED))),
        (
            "ablation-picked",
            "Heads off, one after the other",
            AblationGrid(await core.ablate_word(MASKED, off=[(1, 4), (2, 3), (2, 4)])),
        ),
        (
            "ablation-label",
            "A label without each head, the mean in its place",
            AblationGrid(await core.ablate_label(DENIAL, mean=True), theme="light"),
        ),
        ("bottleneck", "One vector against looking back", BottleneckView(await core.bottleneck(ANIMAL))),
        ("fill-or-continue", "Filling a gap, or going on", FillOrContinueView(await core.fill_or_continue(BANKS))),
        ("moves", "What moves a token", MovesView(await core.moves(ANIMAL), place_of(maps[0], "it"))),
        (
            "positions",
            "How alike learned positions are",
            PositionsView(await core.positions(model="bundled/bert-mini")),
        ),
        ("saturation", "Why scores are divided by √d", SaturationView(await core.saturation())),
        ("patching", "Patching: another text's run, part by part", PatchingGrid(await core.patch(KEYS))),
        (
            "two-fillings",
            "Two models at one gap",
            TwoUnmaskBars(await core.unmask_with(MASKED, other="bundled/gpt-mini")),
        ),
        ("next", "A causal model at a gap", UnmaskBars(await core.unmask(GAP, model="bundled/gpt-mini"))),
        (
            "next-lens",
            "The lens of a causal model",
            LensGrid(await core.lens("The boys were tired because", model="bundled/gpt-mini"), theme="light"),
        ),
        (
            "next-patching",
            "Patching a causal model",
            PatchingGrid(await core.patch(MEN, model="bundled/gpt-mini"), theme="light"),
        ),
        (
            "writing",
            "A causal model goes on",
            WritingView(await core.write(OPENING, count=12, temperature=0.8, top_p=0.9, seed=1)),
        ),
        ("next-layers", "The same, layer by layer", LogitLensBars(await core.layers(GAP, model="bundled/gpt-mini"))),
        *[
            (name, heading, lab_view(await core.lab(lab.parse_exercise(**options)), theme))
            for name, heading, theme, options in EXERCISES
        ],
    ]


def controls(core: Core, view: Any) -> str:
    """What can be pressed on the card of a view's result, for each row its selects and buttons; a lesson has none."""
    result = next(value for name in ("map", "result", "worked") if (value := getattr(view, name, None)) is not None)
    if type(result) not in LAYOUTS:
        return ""
    look = initial_state(result, "", "") if isinstance(result, AttentionMap | TwoMaps) else ViewState()
    layout = layout_of(result)
    rows = layout.controls(ENGLISH, "0" * 10, result, look, offered_ways(core, layout, result), "owned")
    return "\n".join("- " + " · ".join(map(label, row)) for row in rows)


def label(control: Control) -> str:
    """What a button says, or the first choices of a select."""
    item: Any = control.item
    if isinstance(item, ui.Button):
        return f"**{item.label}**"
    names = [option.label for option in item.options]
    return f"a choice of {len(names)}: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"


async def main() -> None:
    """Draw everything and write the page."""
    folder = DOCS / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    page, told = [BEGINNING], set[str]()
    async with Core.open(CoreSettings.bundled()) as core:
        for name, heading, view in await pictures(core):
            drawing = await core.draw(view)
            file = f"{name}.{drawing.suffix}"
            (folder / file).write_bytes(drawing.png)
            alt = drawing.alt.replace("[", "\\[").replace("]", "\\]").replace("\n", " ")
            page.append(f"## {heading}\n\n![{alt}](pictures/{file})\n")
            if (pressed := controls(core, view)) and pressed not in told:
                told.add(pressed)
                page.append(f"On its card:\n\n{pressed}\n")
            print(f"{file:24} {drawing.width} × {drawing.height}  {len(drawing.png) / 1024:.0f} KiB")
    (DOCS / "gallery.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
