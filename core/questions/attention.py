"""Who looks at whom, and how much."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPair:
    """Who looks at whom in two texts? For the task "attention".

    Attributes:
        ids: The N token ids of both.
        second: The position of the second text's first token.
    """

    ids: tuple[int, ...]
    second: int


@dataclass(frozen=True, slots=True)
class CrossAttention:
    """Who looks at whom in an encoder, in its decoder, and from one to the other? For the task "across".

    Attributes:
        ids: The N token ids of what is read.
        target: Those of what is written; empty if the model shall write by itself.
        most: How many tokens it may write then.
    """

    ids: tuple[int, ...]
    target: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class WeightSources:
    """How is one row of attention weights made? For the task "attention" or "across".

    Attributes:
        asked: The question whose answer holds the weights.
        kind: Which attention of a model with an encoder and a decoder: "encoder", "decoder" or "cross".
        layer: From 0, as the next two.
        head: Which head of the layer.
        row: Which of the tokens that look.
    """

    asked: TextPair | CrossAttention | tuple[int, ...]
    kind: str
    layer: int
    head: int
    row: int
