"""Which heads to look at first on this text, each with one sentence of why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.language import ENGLISH, Language
from core.maps import measures
from core.maps.alignment import alignment
from core.maps.measures import BEHAVIOURS, Floats
from core.maps.word_links import WordLink, link_worth_seeing, written_word
from core.results import AttentionMap, Token

WORTH_SEEING = 0.1
"""How far above chance a head must be."""

LINK = "link"
"""The name of what `word_links.link_worth_seeing` finds: what people ask first, so it comes before everything."""

ONE_WORD = "one word"
"""The name of what `measures.selectivity` finds: it says most about the text, so it comes before all patterns."""

RESTING = ("first", "separator", "punctuation")
"""Where heads with nothing to do park their attention (Clark et al. 2019, arXiv:1906.04341): these come last."""

BROAD = "broad"
"""The name of a head whose `measures.entropy` is high."""

RANKS = {LINK: -1, ONE_WORD: 0, BROAD: 2, "self": 3} | dict.fromkeys(RESTING, 4)
"""What comes before what; all other patterns come second."""

ALIGNED = "aligned"
"""The same for cross-attention: `core.maps.alignment`."""

MOVED = "moved"
"""What a difference shows: `measures.total_variation`."""

SALIENT = {
    LINK: "looks from {word} at {other}: {share:.0%} of that word's attention",
    ONE_WORD: "picks out one word: {share:.0%} of a token's attention goes to one token that is not beside it",
    ALIGNED: "aligns: {share:.0%} of a written token's attention goes to its counterpart among those read",
    MOVED: "changes: {share:.0%} of its attention goes elsewhere in the second text",
    BROAD: "spreads its attention widely: {share:.0%}, where 100% is everywhere alike (entropy)",
}
"""What a head does, beside the patterns of `measures.BEHAVIOURS`."""


@dataclass(frozen=True, slots=True)
class NotableHead:
    """A head worth seeing.

    Attributes:
        layer: From 0.
        head: From 0.
        name: What it does: a pattern of `measures.patterns`, or a key of `SALIENT`.
        score: The share of its attention that does this; of a broad head its normalised entropy.
        chance: The share that attention spread evenly over all visible tokens would give.
        link: Of a `LINK`, from which word to which.
        words: Of a `LINK`, those two words.
    """

    layer: int
    head: int
    name: str
    score: float
    chance: float
    link: WordLink | None = None
    words: tuple[str, str] = ("", "")

    def why(self, say: Language = ENGLISH, quote: Callable[[str], str] | None = None) -> str:
        """One sentence; `quote` says how words of the text stand in it: in quotation marks if it is left out."""
        if self.name in SALIENT:
            word, other = (quote(word) if quote else say("“{text}”", text=word) for word in self.words)
            does = say(SALIENT[self.name], share=self.score, word=word, other=other)
        else:
            does = say("{does}: {share:.0%} of its attention", does=say(BEHAVIOURS[self.name]), share=self.score)
        head = {"layer": self.layer + 1, "head": self.head + 1, "does": does}
        if not self.chance:
            return say("Layer {layer}, head {head} {does}.", **head)
        return say(
            "Layer {layer}, head {head} {does}, where an even spread would give {chance:.0%}.",
            **head,
            chance=self.chance,
        )


def choose_heads(attention: AttentionMap, length: int = 4) -> list[NotableHead]:
    """Choose heads worth seeing, at most one for each thing that heads do: by rank, then the furthest above chance.

    First comes the link from one word to another that stands out, if one does.
    Of cross-attention and of a difference, those that do most of what `salience` tells. There may be fewer than
    `length`, or none: where heads do nothing but spread their attention there is nothing to see.
    """
    found: list[NotableHead] = []
    for stop in sorted(_candidates(attention), key=_order):
        known = {(other.layer, other.head) for other in found}
        new = stop.name in (ALIGNED, MOVED) or stop.name not in {other.name for other in found}
        if new and (stop.layer, stop.head) not in known:
            found.append(stop)
        if len(found) == length:
            break
    return found if any(stop.name != BROAD for stop in found) else []


def has_notable_heads(attention: AttentionMap) -> bool:
    """Whether any head does more than spread its attention: it stops at the first, so it is quicker than to choose."""
    return any(stop.name != BROAD for stop in _candidates(attention))  # the link, if there is one, comes last


def salience(attention: AttentionMap) -> tuple[str, Floats]:
    """Of a map that is not self-attention, a number for each head that says how much there is to see, with its name."""
    if attention.signed:
        return MOVED, measures.total_variation(attention.weights)
    return ALIGNED, alignment(attention.weights, attention.queries.tokens, attention.source.tokens)


def _candidates(attention: AttentionMap) -> Iterator[NotableHead]:
    """Whatever a head does well above chance; of any other map, at all: there it is a matter of degree."""
    above = WORTH_SEEING if attention.is_self_attention else 0
    for name, scores, chance in _scored(attention):
        for layer, head in np.argwhere(scores > chance + above).tolist():
            yield NotableHead(layer, head, name, float(scores[layer, head]), chance)
    if attention.is_self_attention:
        breadth = measures.entropy(attention.weights, attention.causal).mean(axis=-1)
        for layer, head in np.argwhere(breadth >= measures.BROAD).tolist():
            yield NotableHead(layer, head, BROAD, float(breadth[layer, head]), 0.0)
    if link := link_worth_seeing(attention):
        words = written_word(attention.source, link.query), written_word(attention.source, link.key)
        yield NotableHead(link.layer, link.head, LINK, link.weight, 0.0, link, words)


def _scored(attention: AttentionMap) -> Iterator[tuple[str, Floats, float]]:
    """The scores ``(layers, heads)`` by name, and what attention spread evenly would have."""
    if not attention.is_self_attention:
        name, scores = salience(attention)
        even = np.full_like(attention.weights[:1, :1], 1 / len(attention.source.tokens))
        yield name, scores, 0.0 if attention.signed else salience(replace(attention, weights=even))[1].item()
        return
    weights, tokens = attention.weights, attention.source.tokens
    even = np.tri(len(tokens), dtype=np.float32) if attention.causal else np.ones((len(tokens),) * 2, np.float32)
    even /= even.sum(axis=-1, keepdims=True)
    for (name, scores), chance in zip(_scores(weights, tokens), _scores(even, tokens), strict=True):
        yield name, scores, float(chance[1])


def _scores(weights: npt.NDArray[np.floating], tokens: tuple[Token, ...]) -> Iterator[tuple[str, Floats]]:
    yield ONE_WORD, measures.selectivity(weights, tokens)
    yield from measures.pattern_scores(weights, measures.patterns(tokens)).items()


def _order(stop: NotableHead) -> tuple[int, float, int, int]:
    return RANKS.get(stop.name, 1), stop.chance - stop.score, stop.layer, stop.head
