"""A text and the tokens that a model's tokenizer cut it into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.results.shown import Columns, Shown, beginning, counted, short

MASKS = ("[MASK]", "<mask>")
"""How models write a mask."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answered.

    Attributes:
        name: A Hub id such as ``google-bert/bert-base-uncased``, ``bundled/bert-mini``, or the name of a folder.
        revision: The pinned commit, or ``""`` for a bundled model or a folder.
        bundled: Whether it is one of the small models that come with this project.
        folder: Where its files are, if that is known beforehand; never shown to anybody.
    """

    name: str
    revision: str = ""
    bundled: bool = False
    folder: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a text.

    Attributes:
        id: Its number in the model's vocabulary.
        piece: Its spelling there, such as ``##former`` or ``Ġthe``.
        start: Where it begins in the original text, in code points.
        end: Where it ends, exclusive; equal to `start` for special tokens.
        special: Whether the tokenizer added it (``[CLS]``, ``</s>``).
        unknown: Whether the vocabulary lacks it, so that the model cannot see what was written there.
        word: The number of the word it belongs to, or ``None`` for special tokens.
    """

    id: int
    piece: str
    start: int
    end: int
    special: bool = False
    unknown: bool = False
    word: int | None = None


@dataclass(frozen=True, slots=True)
class Tokenization(Shown):
    """A text cut into tokens, special tokens included.

    Attributes:
        text: What was written; of a pair both texts, with ``[SEP]`` between them.
        model: Whose tokenizer cut it.
        tokens: The tokens, in order.
        second: Of a pair, the position of the second text's first token; else 0.
        normalised: The text as the tokenizer changed it before cutting; ``None`` where it leaves texts alone.
        kind: How the tokenizer cuts, such as ``WordPiece``; empty if that is not known.
    """

    text: str
    model: ModelInfo
    tokens: tuple[Token, ...]
    second: int = 0
    normalised: str | None = None
    kind: str = ""

    @property
    def ids(self) -> list[int]:
        """The token ids in order."""
        return [token.id for token in self.tokens]

    @property
    def ordinary(self) -> list[int]:
        """The ids without those of special tokens."""
        return [token.id for token in self.tokens if not token.special]

    @property
    def masks(self) -> list[int]:
        """The positions of the masks among the tokens."""
        return [n for n, token in enumerate(self.tokens) if token.piece in MASKS]

    @property
    def words(self) -> list[tuple[int, ...]]:
        """The positions of the tokens of each word, special tokens left out."""
        ordinary = [(place, token.word) for place, token in enumerate(self.tokens) if not token.special]
        words = groupby(ordinary, key=lambda pair: (pair[1], pair[0] if pair[1] is None else -1))
        return [tuple(place for place, _ in word) for _, word in words]

    @property
    def first_word(self) -> int:
        """The position of the first word's first token; 0 where no word is."""
        return self.words[0][0] if self.words else 0

    def word_at(self, position: int) -> tuple[int, ...]:
        """The positions of the tokens of the word that a token belongs to; of a special token only its own."""
        return next((places for places in self.words if position in places), (position,))

    def written(self, places: Sequence[int]) -> str:
        """The stretch of the text that some neighbouring tokens stand for."""
        return self.text[self.tokens[places[0]].start : self.tokens[places[-1]].end]

    @property
    def unknown(self) -> list[str]:
        """The stretches of the original text that the vocabulary lacks."""
        return [
            self.text[token.start : token.end] for token in self.tokens if token.unknown and token.end > token.start
        ]

    def columns(self) -> Columns:
        """A row for each token: its place from 1, its spelling and id, and the characters that it stands for."""
        tokens = self.tokens
        return {
            "token": list(range(1, len(tokens) + 1)),
            "piece": [token.piece for token in tokens],
            "id": [token.id for token in tokens],
            "written": [self.text[token.start : token.end] for token in tokens],
            "start": [token.start for token in tokens],
            "end": [token.end for token in tokens],
            "special": [token.special for token in tokens],
            "unknown": [token.unknown for token in tokens],
        }

    def __repr__(self) -> str:
        return short(self, counted(len(self.tokens), "token"), beginning(self.text), self.model.name)


@dataclass(frozen=True, slots=True)
class TokenizerComparison(Shown):
    """One text cut by several tokenizers."""

    sources: tuple[Tokenization, ...]

    @property
    def source(self) -> Tokenization:
        """The text as the first cuts it."""
        return self.sources[0]

    def columns(self) -> Columns:
        """A row for each token of each tokenizer."""
        listed = [source.columns() for source in self.sources]
        names = [source.model.name for source in self.sources for _ in source.tokens]
        return {"tokenizer": names, **{name: [v for one in listed for v in one[name]] for name in listed[0]}}

    def __repr__(self) -> str:
        counts = ", ".join(f"{source.model.name} {len(source.tokens)}" for source in self.sources)
        return short(self, counts, beginning(self.source.text))


@dataclass(frozen=True, slots=True)
class DecodedText(Shown):
    """Token ids turned back into text.

    Attributes:
        source: The text, and the tokens that it was made from.
        faithful: Whether the same tokenizer cuts that text into these tokens again, special ones apart.
    """

    source: Tokenization
    faithful: bool

    def columns(self) -> Columns:
        """A row for each token."""
        return self.source.columns()

    def __repr__(self) -> str:
        return short(self, beginning(self.source.text), "" if self.faithful else "not faithful", self.source.model.name)
