"""What two models answer to the same question about one text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar

from core.results.attention import AttentionMap
from core.results.sentiment import Sentiment
from core.results.shown import Arrays, Columns, Shown, as_arrays, beginning, short
from core.results.tokenization import ModelInfo, Tokenization
from core.results.unmask import Unmasked

A = TypeVar("A", Sentiment, Unmasked, AttentionMap)


@dataclass(frozen=True, slots=True)
class TwoModels(Shown, Generic[A]):
    """The answers of two models.

    Attributes:
        answers: That of each.
    """

    answers: tuple[A, A]

    @property
    def source(self) -> Tokenization:
        """The text as the first cuts it."""
        return self.answers[0].source

    @property
    def models(self) -> tuple[ModelInfo, ModelInfo]:
        """Who answered."""
        first, second = self.answers
        return first.source.model, second.source.model

    @property
    def swapped(self) -> Self:
        """The same, the second model first."""
        return replace(self, answers=self.answers[::-1])

    def columns(self) -> Columns:
        """The rows of the first answer, then those of the second, each with the name of its model."""
        tables = [answer.columns() for answer in self.answers]
        lengths = [len(next(iter(table.values()))) for table in tables]
        named = [model.name for model, length in zip(self.models, lengths, strict=True) for _ in range(length)]
        return {"model": named, **{name: [cell for table in tables for cell in table[name]] for name in tables[0]}}

    def to_arrays(self) -> Arrays:
        """The arrays of an ``.npz``, by name."""
        return as_arrays(self.columns())

    def __repr__(self) -> str:
        return short(self, *(model.name for model in self.models), beginning(self.source.text))


@dataclass(frozen=True, slots=True, repr=False)
class TwoSentiments(TwoModels[Sentiment]):
    """How two classifiers read a text."""

    way = "sentiment"

    @property
    def comparable(self) -> bool:
        """Whether both have the same labels, with numbers of the same kind; others are not set against each other."""
        kinds = [(one.problem, sorted(score.label for score in one.scores)) for one in self.answers]
        return kinds[0] == kinds[1]


@dataclass(frozen=True, slots=True, repr=False)
class TwoFillings(TwoModels[Unmasked]):
    """What two language models put at the masks of a text, or at its gap."""

    way = "unmask"


@dataclass(frozen=True, slots=True, repr=False)
class TwoMaps(TwoModels[AttentionMap]):
    """The attention of two models to one text."""

    @property
    def maps(self) -> tuple[AttentionMap, AttentionMap]:
        """What is compared: within the text; of a model with a decoder, that of its encoder, which reads the text."""
        first, second = (one.related.get("encoder", one) for one in self.answers)
        return first, second

    @property
    def comparable(self) -> bool:
        """Whether both cut the text into the same tokens, so that a weight of one can be taken from the other's."""
        cuts = [[(one.start, one.end, one.special) for one in found.source.tokens] for found in self.maps]
        return cuts[0] == cuts[1]

    def columns(self) -> Columns:
        """The weights of the first model's map, then those of the second's, each with the name of its model."""
        return TwoModels(self.maps).columns()

    def to_arrays(self) -> Arrays:
        """The arrays of an ``.npz``, by name: those of the first map, and those of the second."""
        sides = zip(("first", "second"), self.maps, strict=True)
        return {f"{side}_{name}": array for side, one in sides for name, array in one.to_arrays().items()}

    def glance(self) -> Columns:
        """What the maps are of; `core.show` draws them."""
        first, second = (one.glance() for one in self.maps)
        return {name: [*first[name], *second[name]] for name in first}
