"""What a language model puts at a mask, or at a gap, and how it comes to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.results.shown import Columns, Shown, beginning, short
from core.results.tokenization import Tokenization


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that could stand at a mask, as the fill-mask pipeline gives it.

    Attributes:
        id: The token id.
        word: The token as text.
        probability: Its probability over the whole vocabulary, at this mask alone.
        sentence: The text with the word filled in.
    """

    id: int
    word: str
    probability: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Filling:
    """Several masks filled one after the other, each word with those before it in place.

    Attributes:
        method: How it was found.
        words: The words in reading order.
        order: The numbers of the masks (from 0) in the order in which they were filled.
        steps: The probability of each word when its turn came, in that order.
        sentence: The text with the words in place.
    """

    method: str
    words: tuple[str, ...]
    order: tuple[int, ...]
    steps: tuple[float, ...]
    sentence: str

    @property
    def probability(self) -> float:
        """The joint probability: the product of the steps (chain rule; another order gives another number)."""
        return math.prod(self.steps)


@dataclass(frozen=True, slots=True)
class Target:
    """A word that somebody wanted to compare at a mask.

    Attributes:
        word: The word.
        pieces: How the vocabulary spells it.
        probability: That of the whole word, over the vocabulary: for several pieces the product from left to right.
    """

    word: str
    pieces: tuple[str, ...]
    probability: float

    def share(self, targets: Sequence[Target]) -> float:
        """The probability among all words to compare at the same mask."""
        return self.probability / (sum(target.probability for target in targets) or 1.0)


@dataclass(frozen=True, slots=True)
class Unmasked(Shown):
    """The candidates for each mask of a text, in reading order, the most probable first.

    Attributes:
        source: The text and its tokens.
        masks: With several masks each is judged on its own: the probabilities are marginals, not a joint filling.
        fillings: With several masks, ways to fill them together.
        targets: For each mask the words to compare there, the most probable first; empty if there are none.
    """

    source: Tokenization
    masks: tuple[tuple[Candidate, ...], ...]
    fillings: tuple[Filling, ...] = ()
    targets: tuple[tuple[Target, ...], ...] = ()

    def columns(self) -> Columns:
        """A row for each candidate: its mask and its rank, from 1, its word, probability and token id."""
        listed = [(m, r, one) for m, mask in enumerate(self.masks, 1) for r, one in enumerate(mask, 1)]
        return {
            "mask": [mask for mask, _, _ in listed],
            "rank": [rank for _, rank, _ in listed],
            "word": [one.word for *_, one in listed],
            "probability": [one.probability for *_, one in listed],
            "id": [one.id for *_, one in listed],
        }

    def __repr__(self) -> str:
        found = ", ".join(f"{mask[0].word.strip()} {mask[0].probability:.3f}" for mask in self.masks if mask)
        return short(self, found, beginning(self.source.text), self.source.model.name)


@dataclass(frozen=True, slots=True)
class LayerPrediction:
    """What a model would put at a mask if it ended after some layer.

    Attributes:
        word: The most probable token there, as text.
        probability: Its probability.
        answer: The probability there of the word that the last layer answers.
        rank: That word's place there, from 1.
    """

    word: str
    probability: float
    answer: float
    rank: int


@dataclass(frozen=True, slots=True)
class LayerPredictions(Shown):
    """An answer layer by layer: for each mask a guess from the embeddings (layer 0) and from each layer."""

    source: Tokenization
    masks: tuple[tuple[LayerPrediction, ...], ...]

    def columns(self) -> Columns:
        """A row for each layer of each mask; layer 0 is the embeddings."""
        listed = [(m, layer, one) for m, mask in enumerate(self.masks, 1) for layer, one in enumerate(mask)]
        return {
            "mask": [mask for mask, _, _ in listed],
            "layer": [layer for _, layer, _ in listed],
            "word": [one.word for *_, one in listed],
            "probability": [one.probability for *_, one in listed],
            "answer": [one.answer for *_, one in listed],
            "rank": [one.rank for *_, one in listed],
        }

    def __repr__(self) -> str:
        answers = ", ".join(mask[-1].word.strip() for mask in self.masks if mask)
        return short(self, answers, beginning(self.source.text), self.source.model.name)


def settling_layer(guesses: tuple[LayerPrediction, ...]) -> int:
    """The first layer from which the last layer's answer stays on top."""
    return settled([guess.rank for guess in guesses])


def settled(ranks: Sequence[int]) -> int:
    """The first of some ranks from which all are 1; their number if the last is not."""
    earlier = [layer for layer, rank in enumerate(ranks) if rank > 1]
    return earlier[-1] + 1 if earlier else 0
