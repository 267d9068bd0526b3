"""What a causal model wrote behind a text, and what could come next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from core.results.shown import Columns, Shown, beginning, counted, short
from core.results.tokenization import Token, Tokenization

Ending: TypeAlias = Literal["", "said", "full", "most"]
"""Why nothing more is written: the model ended the text, it can read no more, or that is the most; or nothing."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a token is drawn with.

    Attributes:
        temperature: What logits are divided by; at 0 the likeliest token is taken.
        top_k: How many of the likeliest tokens may be drawn; 0 for all.
        top_p: The share of probability that the tokens that may be drawn have together, at least; 1 for all.
        seed: What draws are made from.
    """

    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Chance:
    """How probable a token was that was written, of all there are: before temperature, top-k and top-p.

    Attributes:
        probability: Its probability.
        rank: Its place among all tokens, from 1.
    """

    probability: float
    rank: int


@dataclass(frozen=True, slots=True)
class NextToken:
    """A token that could come next.

    Attributes:
        id: The token id.
        word: The token as text.
        probability: Its probability as the model has it.
        share: The probability that it is drawn: after temperature, top-k and top-p; 0 if it cannot be.
    """

    id: int
    word: str
    probability: float
    share: float


@dataclass(frozen=True, slots=True)
class Written(Shown):
    """A text, and what a causal model wrote behind it.

    Attributes:
        source: The text with what was written and all its tokens, those written last.
        prompt: What was given.
        chances: How probable each token was that was written.
        sampling: What a token is drawn with.
        next: The tokens that could come next, the likeliest of them; none once the text has ended.
        left: How many tokens top-k leaves to draw from, and how many of these top-p.
        vocabulary: How many tokens there are.
        ending: Why nothing more can be written, if so.
    """

    source: Tokenization
    prompt: str
    chances: tuple[Chance, ...]
    sampling: Sampling
    next: tuple[NextToken, ...]
    left: tuple[int, int]
    vocabulary: int
    ending: Ending = ""

    @property
    def written(self) -> tuple[Token, ...]:
        """The tokens that were written."""
        tokens = self.source.tokens
        return tokens[len(tokens) - len(self.chances) :]

    @property
    def text(self) -> str:
        """What was written, as text."""
        return self.source.text[len(self.prompt) :]

    def spelt(self, token: Token) -> str:
        """What a token that was written stands for; a special one by its name."""
        return token.piece if token.special else self.source.text[token.start : token.end]

    def beyond(self, count: int) -> tuple[float, float]:
        """The probability of all tokens but the likeliest few together: as the model has it, and of being drawn."""
        shown = self.next[:count]
        before, after = (
            1 - sum(shares) for shares in zip(*((one.probability, one.share) for one in shown), strict=True)
        )
        return max(0.0, before), max(0.0, after) if self.left[1] > count else 0.0

    def columns(self) -> Columns:
        """A row for each token that was written, numbered from 1, and for each that could come next.

        ``share`` is the probability after temperature, top-k and top-p; what was written has none.
        """
        number = len(self.chances) + 1
        rows = [
            (step, token.id, self.spelt(token), one.probability, one.rank, None, True)
            for step, (token, one) in enumerate(zip(self.written, self.chances, strict=True), 1)
        ] + [
            (number, one.id, one.word, one.probability, rank, one.share, False) for rank, one in enumerate(self.next, 1)
        ]
        names = ("step", "id", "token", "probability", "rank", "share", "written")
        return {name: [row[place] for row in rows] for place, name in enumerate(names)}

    def to_arrays(self) -> dict[str, Any]:
        """Its numbers as arrays, by name: of what was written, and of what could come next."""
        return {
            "ids": np.array(self.source.ids),
            "written_ids": np.array([token.id for token in self.written], int),
            "written_probabilities": np.array([one.probability for one in self.chances]),
            "written_ranks": np.array([one.rank for one in self.chances], int),
            "next_ids": np.array([one.id for one in self.next], int),
            "next_probabilities": np.array([one.probability for one in self.next]),
            "next_shares": np.array([one.share for one in self.next]),
        }

    def __repr__(self) -> str:
        count = f"{counted(len(self.chances), 'token')} written"
        return short(self, count, beginning(self.source.text), self.source.model.name)
