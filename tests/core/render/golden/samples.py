"""Results to draw, and the pictures that are kept: ``python tests/core/render/golden/samples.py`` draws them anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import features

from core.lab import parse_exercise
from core.maps.difference import subtract_maps
from core.maps.saturation import saturate
from core.positions import sinusoidal_positions
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
    LabView,
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
    TwoSentimentBars,
    TwoUnmaskBars,
    UnmaskBars,
    VariantBars,
    WeightView,
    WindowStrips,
    WordGrid,
    WritingView,
    lab_view,
)
from core.results import (
    Ablation,
    AttentionMap,
    AttentionRow,
    BlockMoves,
    Bottleneck,
    BottleneckRow,
    Candidate,
    Chance,
    Choice,
    Drawing,
    Explanation,
    FillOrContinue,
    Guess,
    HeadsOff,
    JudgedToken,
    LayerPrediction,
    LayerPredictions,
    LensMap,
    ModelInfo,
    NextToken,
    Norms,
    Part,
    Patching,
    Positions,
    Removal,
    Sampling,
    Score,
    Sentiment,
    SentimentBatch,
    Step,
    Surprisal,
    Table,
    Token,
    Tokenization,
    TokenizerComparison,
    TwoFillings,
    TwoMaps,
    TwoSentiments,
    Unmasked,
    Variants,
    WindowScores,
    WordContribution,
    WordPath,
    WorkedExercise,
    Writing,
    Written,
)
from core.tasks.lab import LabTask

HERE = Path(__file__).parent
MODEL = ModelInfo("google-bert/bert-base-uncased", "86b5e09")
LABELS = ("NEGATIVE", "POSITIVE")
LIBRARIES = ("pil", "freetype2", "raqm", "harfbuzz")


class View(Protocol):
    """What every picture can do."""

    def draw(self) -> Drawing: ...

    def table(self) -> Table: ...


def tokenization(text: str, pieces: Sequence[str], model: ModelInfo = MODEL) -> Tokenization:
    """Cut `text` as told: ``##`` continues a word, ``?`` marks what the vocabulary lacks."""
    tokens, at, word = [Token(101, "[CLS]", 0, 0, special=True)], 0, -1
    for piece in pieces:
        unknown, continues = piece.startswith("?"), piece.startswith("##")
        written = piece[1:] if unknown else piece.removeprefix("##")
        at = text.lower().index(written.lower(), at)
        word += not continues
        spelling = "[UNK]" if unknown else piece
        tokens.append(Token(1000 + len(tokens), spelling, at, at + len(written), unknown=unknown, word=word))
        at += len(written)
    return Tokenization(text, model, (*tokens, Token(102, "[SEP]", at, at, special=True)))


def attention(source: Tokenization, layers: int = 4, heads: int = 4, causal: bool = False) -> AttentionMap:
    """Invent weights that look like a model's: a different offset and sharpness for each head."""
    count = len(source.tokens)
    row, column = np.arange(count)[:, None], np.arange(count)[None, :]
    layer, head = np.arange(layers)[:, None, None, None], np.arange(heads)[None, :, None, None]
    scores = 2.5 * np.sin(1.7 * row * (head + 1) + 2.3 * column + layer) - np.abs(row - column + head - 1)
    scores = np.where(column > row, -np.inf, scores) if causal else scores
    weights = np.exp(scores)
    return AttentionMap(source, (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float16), causal)


def attention_row(
    source: Tokenization, position: int, width: int = 32, *, biased: bool = False, causal: bool = False
) -> AttentionRow:
    """Invent the vectors of a token that looks, and of those looked at; with a bias, they are scaled before."""
    count = len(source.tokens)
    query = (1.5 * np.sin(2.1 * np.arange(width) + position)).astype(np.float32)
    key = np.cos(1.3 * np.arange(count)[:, None] + 2.1 * np.arange(width)).astype(np.float32)
    far = np.abs(np.arange(count) - position)
    added = np.where(causal & (np.arange(count) > position), -np.inf, -0.25 * far if biased else 0).astype(np.float32)
    scale = 1.0 if biased else width**-0.5
    weights = np.exp(scale * (key @ query) + added)
    lengths = (1 + np.arange(count) % 3).astype(np.float32)
    return AttentionRow(source, 2, 1, position, query, key, scale, added, weights / weights.sum(), lengths)


def with_norms(attention: AttentionMap) -> AttentionMap:
    """Invent vectors that are passed on: short ones for special tokens, as in BERT."""
    tokens = attention.source.tokens
    lengths = np.array([0.1 if token.special else 1 + n % 3 for n, token in enumerate(tokens)], np.float32)
    heads = np.broadcast_to(lengths, (attention.layers, attention.heads, len(tokens)))
    layers = np.einsum("lhij,lhj->lij", attention.weights.astype(np.float32), heads)
    return replace(attention, norms=Norms(heads, layers))


CAT = tokenization(
    "The cat sat on the mat because it was tired.", "the cat sat on the mat because it was tired .".split()
)
FINER = tokenization(CAT.text, "the c ##at sat on the mat because it was tire ##d .".split())
CUP = tokenization(
    "I would like a cup of tea with some unbelievably hot milk and a biscuit.",
    "i would like a cup of tea with some un ##believ ##ably hot milk and a biscuit .".split(),
    ModelInfo("openai-community/gpt2", "607a30d"),
)
PIECES = tokenization(
    "Transformers are unbelievably powerful: great🎉",
    "transform ##ers are un ##believ ##ably powerful : ?great🎉".split(),
)
SCRIPTS = tokenization(
    "你好 مرحبا नमस्ते 🎉 עולם ไทย বাংলা தமிழ் Привет",
    "你 好 مرحبا नमस्ते 🎉 עולם ไทย বাংলা தமிழ் привет".split(),
)
ARABIC = tokenization(
    "كان الفيلم رائعا، وقال صديقي amazing movie أيضا", "كان الفيلم رائعا ، وقال صديقي amazing movie أيضا".split()
)
LINES = tokenization("One line\n\nand  another", "one line and another".split())
LONG = tokenization("the cat sat on a mat " * 50, "the cat sat on a mat".split() * 50)
MASKED = tokenization("Paris is the [MASK] of [MASK].", "paris is the [MASK] of [MASK] .".split())

FRENCH = tokenization("le chat était assis sur le tapis", "le chat était ass ##is sur le tapis".split())
DOG = tokenization(
    "The dog sat not on the mat because he was tired.", "the dog sat not on the mat because he was tired .".split()
)


def cross() -> AttentionMap:
    """Invent cross-attention: while a French sentence is written, the decoder looks at the English one."""
    count = len(FRENCH.tokens) - 1
    rows = replace(FRENCH, tokens=FRENCH.tokens[1:])
    return replace(attention(CAT), rows=rows, weights=attention(CAT).weights[:, :, :count])


def difference() -> AttentionMap:
    """Take the cat from the dog."""
    first, second = (attention(by_spelling(source)) for source in (CAT, DOG))
    return subtract_maps(f"{CAT.text} [VS] {DOG.text}", first, replace(second, weights=second.weights[:, ::-1]))


def by_spelling(source: Tokenization) -> Tokenization:
    """Give equal pieces equal ids."""
    return replace(source, tokens=tuple(replace(one, id=sum(map(ord, one.piece))) for one in source.tokens))


def exchanged(source: Tokenization, place: int = 9) -> Tokenization:
    """The same with another word at one place."""
    pieces = [one.piece for one in source.tokens[1:-1]]
    pieces[place - 1] = "dog"
    return tokenization(" ".join(pieces), pieces, source.model)


def first(source: Tokenization, count: int) -> Tokenization:
    """Keep the first tokens."""
    return Tokenization(source.text, source.model, source.tokens[:count])


def sentiment(*scores: tuple[str, float]) -> Sentiment:
    """Score the sentence about the cat."""
    return Sentiment(CAT, tuple(Score(label, probability) for label, probability in scores))


def unmasked(*masks: Sequence[tuple[str, float]]) -> Unmasked:
    """Fill the masks of the sentence about Paris."""
    filled = (tuple(Candidate(number, word, p, word) for number, (word, p) in enumerate(mask)) for mask in masks)
    return Unmasked(MASKED, tuple(filled))


BYTES = Tokenization(
    "a 🤗é",
    ModelInfo("openai-community/gpt2"),
    tuple(
        Token(number, piece, start, end, word=start)
        for number, piece, start, end in (
            (64, "a", 0, 1),
            (12520, "ĠðŁ", 1, 3),
            (97, "¤", 2, 3),
            (245, "Ĺ", 2, 3),
            (2634, "Ã©", 3, 4),
        )
    ),
    kind="byte-level BPE",
)


def mood(positive: float) -> Sentiment:
    """Score the sentence about the cat with two labels."""
    return sentiment(*sorted((("POSITIVE", positive), ("NEGATIVE", 1 - positive)), key=lambda pair: -pair[1]))


def in_windows() -> Sentiment:
    """Read the sentence about the cat in two windows, and not to its end."""
    windows = (WindowScores(0, 22, 5, mood(0.9).scores), WindowScores(12, 34, 5, mood(0.3).scores))
    return replace(mood(0.6), windows=windows)


def feeling(top: str) -> Sentiment:
    """Score the sentence about the cat with a label for each feeling."""
    others = [label for label in ("anger", "fear", "joy", "neutral", "sadness") if label != top]
    return sentiment((top, 0.6), *((label, 0.16 - n / 25) for n, label in enumerate(others)))


def reasons(source: Tokenization) -> tuple[WordContribution, ...]:
    """Invent what each word does; where there are nine, the gradients add up to 1, of eleven to 1.5."""
    words = [source.written(word) for word in source.words]
    return tuple(WordContribution(word, (-1) ** n * n / 4 + (n == 10) / 4, n / 5 - 1) for n, word in enumerate(words))


def explained(source: Tokenization, answer: str, rather: str = "", mask: int = 1) -> Explanation:
    """Invent why a language model answers with a word."""
    choices = tuple(
        Choice(number, name, 0.5 / (1 + number)) for number, name in enumerate(filter(None, [answer, rather]))
    )
    gaps = [place in source.masks for (place, *_) in source.words]
    told = tuple(one for one, gap in zip(reasons(source), gaps, strict=True) if not gap)
    total, other = sum(one.gradients for one in told), choices[1] if rather else None
    return Explanation(source, choices[0], told, total, 0.0, "[MASK]", 32, rather=other, choices=choices, mask=mask)


def surprised(source: Tokenization, *, causal: bool = False) -> Surprisal:
    """Invent how improbable tokens are; the first of a causal model's has no probability, and nothing is special."""
    tokens = [replace(token, special=token.special and not causal) for token in source.tokens]
    places = [n for n, token in enumerate(tokens) if not token.special and (n or not causal)]
    judged = tuple(JudgedToken(n, 1.7 * n * (n % 5) ** 2 % 23, (("word", 0.5), ("##s", 0.01))) for n in places)
    return Surprisal(replace(source, tokens=tuple(tokens)), judged, not causal)


def guesses(*ranks: int) -> tuple[LayerPrediction, ...]:
    """Invent what some layers would say."""
    return tuple(LayerPrediction(f"word{rank}", 0.9 / rank, 0.9 / rank**2, rank) for rank in ranks)


def ablated(layers: int, heads: int, stacks: Sequence[str] = ("",), **options: Any) -> Ablation:
    """Invent what becomes of an answer without each part of a model."""
    answer, others = Guess("capital", 1.0), (Guess("city", -0.5), Guess("seat", -2.0))
    removals = list[Removal]()
    for stack in stacks:
        for layer in range(layers):
            parts = [
                *(Part(stack, layer, "head", head) for head in range(heads)),
                Part(stack, layer, "attention"),
                *([] if stack == "cross" else [Part(stack, layer, "feed-forward")]),
            ]
            for place, part in enumerate(parts):
                odds = 1 + (-1.1) ** (layer + place) * (place + 1) / (layer + 3) - (place >= heads) * 2
                left = Guess(answer.word, odds)
                removals.append(Removal(part, left, tuple(sorted((left, *others), key=lambda one: -one.log_odds))))
    together = list[HeadsOff]()
    for count in range(1, len(stacks) * layers * heads + 1, 2):
        left = Guess(answer.word, 1.5 - count / 6)
        together.append(HeadsOff(count, left, tuple(sorted((left, *others), key=lambda one: -one.log_odds))))
    source = options.pop("source", MASKED)
    return Ablation(source, answer, (answer, *others), tuple(removals), tuple(together), **options)


def vectors(count: int) -> np.ndarray:
    """Invent what a model adds at its positions: the farther, the more it turns, and the first stands apart."""
    places, columns = np.arange(count)[:, None], np.arange(24)
    return np.sin(0.1 * places + columns * (1 + (places == 0))).astype(np.float32)


def squeezed(text: str, lengths: int) -> Bottleneck:
    """Invent what was written to the first words of a sentence; with nothing to look at it is nothing, too."""
    found, rows = text.split(), list[BottleneckRow]()
    for length in range(1, lengths + 1):
        count = len(found) * length // lengths
        back = " ".join(reversed(found[:count]))
        few = Writing(" ".join(found[:2]), 1 / count)
        rows.append(BottleneckRow(count, " ".join(found[:count]), back, Writing(back, 1.0), few, Writing("", 0.0)))
    return Bottleneck(MODEL, tuple(rows))


def both(before: str, behind: str, hidden: str = "") -> FillOrContinue:
    """Invent what two models put at a gap; the tokens are those of what stands before it."""
    read = tokenization(before, before.lower().split())
    read = replace(read, text=f"{before}___{behind}", tokens=read.tokens[:-1])
    seen = replace(read, model=ModelInfo("openai-community/gpt2"))
    words = [("mat", 0.4), ("sofa", 0.2), ("chair", 0.01)], [(" floor", 0.3), (" table", 0.1), (" bed", 0.05)]
    filled, continued = (tuple(Candidate(n, word, p, word) for n, (word, p) in enumerate(some)) for some in words)
    return FillOrContinue(Unmasked(read, (filled,)), Unmasked(seen, (continued,)), hidden)


def moved(source: Tokenization, layers: int, *, normed: bool) -> BlockMoves:
    """Invent how far each part moves each token."""
    layer, part, token = np.indices((layers, 2, len(source.tokens)))
    stream, added = 2.0 + 2 * layer + part, 1.5 + np.sin(2.3 * layer + 1.1 * part + token)
    cosines = np.cos(0.9 * added / stream)
    return BlockMoves(source, *(values.astype(np.float32) for values in (stream, added, cosines)), normed)


def lens(source: Tokenization, layers: int, places: Sequence[int], **options: Any) -> LensMap:
    """Invent what each layer would put at every token, and how two words fare where the model answers."""
    pieces = [token.piece for token in source.tokens]
    best = [
        tuple(piece if (layer + place) % 3 or layer == layers else f"word{place}" for place, piece in enumerate(pieces))
        for layer in range(layers + 1)
    ]
    row, column = np.arange(layers + 1)[:, None], np.arange(len(pieces))[None, :]
    chances = (0.5 + 0.5 * np.sin(1.3 * column + row) * (1 - row / layers / 2)).astype(np.float32)
    paths = [
        WordPath(place, word, ranks, tuple(0.9 / rank for rank in ranks))
        for place in places
        for word, ranks in (
            ("capital", tuple(max(1, 4**6 // 4 ** (6 * layer // layers)) for layer in range(layers + 1))),
            ("city", tuple(max(2, 300 // (layer + 1) ** 3) for layer in range(layers + 1))),
        )
    ]
    return LensMap(source, tuple(best), chances, tuple(paths), **options)


def patching(source: Tokenization, other: Tokenization, layers: int, heads: int, place: int) -> Patching:
    """Invent what of an answer comes back: of the stream at what differs first, where the model answers later."""
    source, other = by_spelling(source), by_spelling(other)
    row, column = np.arange(layers)[:, None], np.arange(heads)[None, :]
    shares = 0.4 * np.sin(2.1 * row + 1.7 * column) ** 3 + (0.4 * (row == layers - 2) * (column == 1))
    streams = np.zeros((layers + 1, len(source.tokens)))
    changed = next(n for n, (one, two) in enumerate(zip(source.ids, other.ids, strict=True)) if one != two)
    streams[:, changed] = 1 - np.linspace(0, 1, layers + 1) ** 2
    streams[:, place] = np.linspace(0, 1, layers + 1) ** 2
    streams[1:-1, 1] = -0.04
    text = f"{source.text} [VS] {other.text}"
    heads_, positions = ((3 - 8 * part).astype(np.float32) for part in (shares, streams))
    return Patching(replace(source, text=text), other, ("capital", "city"), (3.0, -5.0), heads_, positions)


FORTY = tokenization("the cat sat on a mat " * 7, "the cat sat on a mat".split() * 7)
ROME = tokenization("Rome is the [MASK] of [MASK].", "rome is the [MASK] of [MASK] .".split())


def by_other(answer: Any) -> Any:
    """Let another model have answered."""
    return replace(answer, source=replace(answer.source, model=ModelInfo("someone/another-model")))


def two_maps(source: Tokenization, causal: bool = False) -> TwoMaps:
    """Invent what two models look at, the second a smaller one that cuts the text so."""
    return TwoMaps((attention(CAT), by_other(attention(source, 3, 2, causal))))


def written(count: int = 0, following: int = 20, **options: Any) -> Written:
    """Invent what a model wrote behind a text, the last of its words, and what could come next."""
    tokens = tuple(replace(token, piece=f"Ġ{token.piece}") for token in CUP.tokens[1 : 7 + count])
    source = replace(CUP, text=CUP.text[: tokens[-1].end], tokens=tokens)
    chances = tuple(Chance(0.9 / 3**n, 1 + 7 * n) for n in range(count))
    left = min(7, following)
    shares = [0.3 / 1.5**n for n in range(following)]
    drawn = [share / sum(shares[:left]) for share in shares[:left]] + [0.0] * (following - left)
    words = [" tea", " coffee", " the", "\n", "日本", *(f" word{n}" for n in range(5, following))]
    rows = zip(words[:following], shares, drawn, strict=True)
    found = tuple(NextToken(n, word, share, after) for n, (word, share, after) in enumerate(rows))
    sampling = options.pop("sampling", Sampling(0.7, 12, 0.9, 42))
    return Written(source, "I would like a cup of", chances, sampling, found, (12, left), 4096, **options)


FOUR = ((1, 3), (2, 1), (3, 4), (4, 2))
"""Layer and head, from 1."""


PICTURES: dict[str, Callable[[], View]] = {
    "head": lambda: HeadView(attention(CAT), 3, 2),
    "layer-mean-pieces": lambda: HeadView(attention(PIECES), 1, None),
    "causal-scripts": lambda: HeadView(attention(SCRIPTS, causal=True), 2, 4),
    "head-30-tokens-light": lambda: HeadView(attention(first(LONG, 30)), 4, 1, theme="light"),
    "head-60-tokens": lambda: HeadView(attention(first(LONG, 60)), 4, 1),
    "overview": lambda: OverviewGrid(attention(first(LONG, 20), 6, 8), 3, 6),
    "token": lambda: TokenView(attention(PIECES), 2, 3, 9),
    "word-grid": lambda: WordGrid(attention(CAT), 2, 3, 9),
    "word-grid-many-light": lambda: WordGrid(attention(CAT, 24, 16), 4, None, 9, theme="light"),
    "rollout-light": lambda: RolloutView(attention(CAT), theme="light"),
    "pair": lambda: HeadView(attention(replace(PIECES, second=7)), 2, 3),
    "pair-corner-light": lambda: HeadView(attention(replace(PIECES, second=7)), 2, 3, theme="light", shown="ba"),
    "words-without-special": lambda: RolloutView(attention(PIECES), shown="bare"),
    "tour": lambda: TourView(attention(CAT)),
    "tour-causal-light": lambda: TourView(attention(SCRIPTS, causal=True), theme="light"),
    "four-heads": lambda: FourHeads(attention(CAT), FOUR, "previous"),
    "four-heads-light": lambda: FourHeads(attention(PIECES, causal=True), FOUR, "broad", theme="light"),
    "four-heads-answered": lambda: FourHeads(attention(CAT), FOUR, "previous", answered=True),
    "four-heads-answered-light": lambda: FourHeads(attention(PIECES), FOUR, "self", answered=True, theme="light"),
    "norms": lambda: NormView(with_norms(attention(PIECES)), 3, 2),
    "lenses": lambda: LensesView(with_norms(attention(CAT)), 3, 2),
    "lenses-without-norms-light": lambda: LensesView(attention(first(LONG, 30)), 4, None, theme="light"),
    "worked-masked": lambda: LabView(worked(masked=True)),
    "worked-heads": lambda: lab_view(exercise(heads=2, positions="rotary", mask="causal", shape="3 4")),
    "worked-additive-light": lambda: lab_view(exercise(kind="additive", names="le chat; the cat sat"), theme="light"),
    "worked-against": lambda: lab_view(exercise(against="dot", names="the cat the")),
    "worked-block": lambda: lab_view(exercise(show="block", positions="sinusoidal", shape="3 4")),
    "encodings-light": lambda: lab_view(exercise(show="encodings"), theme="light"),
    "worked-light": lambda: LabView(worked(masked=False), theme="light"),
    "cross": lambda: HeadView(cross(), 3, 2),
    "cross-overview-light": lambda: OverviewGrid(cross(), 2, None, theme="light"),
    "cross-token": lambda: TokenView(cross(), 2, 3, 3),
    "cross-tour": lambda: TourView(cross()),
    "difference": lambda: HeadView(difference(), 2, 3),
    "difference-light": lambda: HeadView(difference(), 2, 1, theme="light"),
    "difference-overview": lambda: OverviewGrid(difference(), 2, 3),
    "arcs": lambda: ArcsView(attention(CAT), 3, 2, 8),
    "arcs-all-light": lambda: ArcsView(attention(SCRIPTS, causal=True), 2, None, theme="light"),
    "arcs-pieces": lambda: ArcsView(attention(PIECES), 2, 3, 5),
    "arcs-cross": lambda: ArcsView(cross(), 3, 2, 3),
    "arcs-difference-light": lambda: ArcsView(difference(), 2, 3, 4, theme="light"),
    "film": lambda: LayerFilm(attention(PIECES), 5),
    "film-difference-light": lambda: LayerFilm(difference(), 4, theme="light"),
    "head-map": lambda: HeadMap(attention(CAT)),
    "strip": lambda: TokenStrip(PIECES),
    "strip-lines-light": lambda: TokenStrip(LINES, theme="light"),
    "sentiment": lambda: SentimentBars(sentiment(("POSITIVE", 0.75), ("NEGATIVE", 0.25))),
    "strip-bytes": lambda: TokenStrip(BYTES),
    "comparison": lambda: ComparisonView(TokenizerComparison((PIECES, replace(first(PIECES, 6), kind="WordPiece")))),
    "several": lambda: SentimentStrips(SentimentBatch((mood(0.97), mood(0.4), mood(0.03)))),
    "windows-light": lambda: WindowStrips(in_windows(), theme="light"),
    "variants": lambda: VariantBars(Variants(("France", ""), (mood(0.9), mood(0.2)), "Made in {France|}.")),
    "what-if": lambda: VariantBars(Variants(("as it was", "changed"), (mood(0.9), replace(mood(0.2), source=DOG)))),
    "what-if-light": lambda: VariantBars(
        Variants(("as it was", "changed"), (feeling("joy"), replace(feeling("anger"), source=SCRIPTS))), theme="light"
    ),
    "several-feelings-light": lambda: SentimentStrips(
        SentimentBatch(tuple(map(feeling, ("joy", "anger", "fear", "neutral")))), theme="light"
    ),
    "why": lambda: AttributionBars(
        Explanation(CAT, Choice(0, "POSITIVE"), reasons(CAT), 1.5, 0.0, "[MASK]", 16, labels=LABELS)
    ),
    "why-unreliable-light": lambda: AttributionBars(
        Explanation(SCRIPTS, Choice(0, "NEGATIVE"), reasons(SCRIPTS), 2.0, 0.5, "[MASK]", 16, labels=LABELS),
        theme="light",
    ),
    "why-right-to-left": lambda: AttributionBars(
        Explanation(ARABIC, Choice(0, "joy"), reasons(ARABIC), 1.0, 0.0, "[MASK]", 16, labels=("anger", "fear", "joy"))
    ),
    "why-word": lambda: AttributionBars(explained(MASKED, "capital", "city", mask=2)),
    "why-next-light": lambda: AttributionBars(explained(first(CAT, 8), "street"), theme="light"),
    "surprisal": lambda: SurprisalStrip(surprised(PIECES)),
    "surprisal-causal-light": lambda: SurprisalStrip(surprised(SCRIPTS, causal=True), theme="light"),
    "weight": lambda: WeightView(attention_row(CAT, 8)),
    "weight-biased-light": lambda: WeightView(attention_row(SCRIPTS, 4, 6, biased=True), 2, theme="light"),
    "weight-hidden": lambda: WeightView(attention_row(PIECES, 4, causal=True), 9),
    "layers-light": lambda: LogitLensBars(
        LayerPredictions(MASKED, (guesses(9, 2, 1), guesses(40, 1, 1))), theme="light"
    ),
    "ablation": lambda: AblationGrid(ablated(4, 4)),
    "ablation-12-light": lambda: AblationGrid(
        ablated(6, 12, source=CAT, mean=True, labels=("capital", "city", "seat")), (3, 9), theme="light"
    ),
    "ablation-number": lambda: AblationGrid(
        ablated(2, 3, source=CAT, problem="regression", labels=("capital", "city", "seat"))
    ),
    "ablation-picked": lambda: AblationGrid(
        replace(ablated(4, 4), picked=tuple(ablated(4, 4).heads[n] for n in (3, 9, 6))), (3, 2)
    ),
    "ablation-stacks": lambda: AblationGrid(ablated(2, 4, ("encoder", "decoder", "cross"), source=CAT)),
    "bottleneck": lambda: BottleneckView(squeezed("the cat sat on a mat because it was tired", 4)),
    "bottleneck-light": lambda: BottleneckView(squeezed("the cat sat on a mat " * 7, 7), theme="light"),
    "fill-or-continue": lambda: FillOrContinueView(both("The cat sat on the ", " because it was tired.")),
    "fill-or-continue-light": lambda: FillOrContinueView(
        both("the cat sat on a mat " * 4, ".", "today"), theme="light"
    ),
    "moves": lambda: MovesView(moved(CAT, 4, normed=True), 9),
    "moves-many-light": lambda: MovesView(moved(PIECES, 48, normed=False), 5, theme="light"),
    "positions": lambda: PositionsView(Positions(MODEL, vectors(40), learned=True)),
    "positions-computed-light": lambda: PositionsView(
        Positions(MODEL, sinusoidal_positions(64, 32).numpy(), learned=False), theme="light"
    ),
    "saturation-light": lambda: SaturationView(saturate(42), theme="light"),
    "lens": lambda: LensGrid(lens(MASKED, 4, (4, 6), split=("unbelievable",)), 2),
    "lens-long-light": lambda: LensGrid(lens(first(LONG, 120), 12, (60,)), theme="light"),
    "patching": lambda: PatchingGrid(patching(MASKED, ROME, 4, 4, 4)),
    "patching-12-light": lambda: PatchingGrid(patching(FORTY, exchanged(FORTY), 12, 12, 30), theme="light"),
    "two-heads": lambda: TwoHeads(two_maps(CAT), (3, 2), (2, 1), query=8),
    "two-heads-apart-light": lambda: TwoHeads(two_maps(FINER, causal=True), (4, None), (2, 2), "light"),
    "two-heads-difference": lambda: TwoHeadsDifference(two_maps(CAT), (3, 2), (2, 1)),
    "two-heads-difference-light": lambda: TwoHeadsDifference(two_maps(CAT), (1, None), (3, 2), "light", "bare"),
    "two-sentiments": lambda: TwoSentimentBars(TwoSentiments((mood(0.9), by_other(mood(0.3))))),
    "two-sentiments-apart-light": lambda: TwoSentimentBars(
        TwoSentiments((mood(0.9), by_other(feeling("joy")))), theme="light"
    ),
    "two-fillings": lambda: TwoUnmaskBars(
        TwoFillings(
            (
                unmasked((("capital", 0.7), ("city", 0.2)), (("france", 0.9), ("##s", 0.0001))),
                by_other(unmasked((("city", 0.4), ("capital", 0.3)), (("france", 0.5), ("italy", 0.1)))),
            )
        )
    ),
    "writing": lambda: WritingView(written()),
    "writing-on-light": lambda: WritingView(written(9), theme="light"),
    "writing-ended": lambda: WritingView(written(12, 0, ending="said", sampling=Sampling(0.0))),
    "unmask": lambda: UnmaskBars(unmasked((("capital", 0.7), ("city", 0.2)), (("france", 0.9), ("##s", 0.0001)))),
}


def worked(masked: bool) -> WorkedExercise:
    """Work attention out over two small matrices."""
    query, value = np.array([[1, 0, 2], [0, -1, 0.5]], np.float32), np.array([[1, 0], [0, 1]], np.float32)
    scaled = query @ query.T / np.float32(np.sqrt(3))
    hidden = scaled + np.array([[0, 1], [0, 0]], np.float32) * np.float32(-1e9)
    weights = np.exp(hidden if masked else scaled)
    weights /= weights.sum(axis=1, keepdims=True)
    steps = {"query": query, "key": query, "value": value, "scores": query @ query.T, "scaled": scaled}
    steps |= ({"masked": hidden} if masked else {}) | {"weights": weights, "output": weights @ value}
    return stepped(steps)


def exercise(**options: Any) -> WorkedExercise:
    """An exercise as it is typed."""
    (done,) = LabTask("", "cpu").run([parse_exercise(**options)])
    return done


def stepped(steps: Mapping[str, np.ndarray]) -> WorkedExercise:
    """An exercise with these steps."""
    return WorkedExercise(tuple(Step(name, values) for name, values in steps.items()))


def libraries() -> str:
    """Name the libraries that decide over single pixels."""
    return " ".join(f"{name}-{features.version(name)}" for name in LIBRARIES)


if __name__ == "__main__":
    for picture, view in PICTURES.items():
        (HERE / f"{picture}.png").write_bytes(view().draw().png)
    (HERE / "drawn-with.txt").write_text(libraries() + "\n")
