"""What single stops of a course ask."""

from __future__ import annotations

from dataclasses import dataclass

from core.questions.attention import TextPair


@dataclass(frozen=True, slots=True)
class WritingWithout:
    """What is written with one vector to look at, and with none? For the task "across".

    Attributes:
        texts: The token ids of each text that is read.
        most: How many tokens may be written to each.
    """

    texts: tuple[tuple[int, ...], ...]
    most: int


@dataclass(frozen=True, slots=True)
class PositionVectors:
    """What is added at each position? For the task "attention" or "across".

    Attributes:
        count: At how many positions, from the first.
    """

    count: int


@dataclass(frozen=True, slots=True)
class PartMoves:
    """How far does each part of each layer move each token? For the task "attention".

    Attributes:
        asked: A text, or two.
    """

    asked: TextPair | tuple[int, ...]
