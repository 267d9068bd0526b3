"""How large a model is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that decide how many parameters a transformer has.

    Attributes:
        width: Length of the vector that stands for a token.
        layers: Layers; of each stack where there is an encoder and a decoder.
        heads: Attention heads in a layer; they divide `width`.
        inner: Width of the feed-forward layer.

    """

    width: int
    layers: int
    heads: int
    inner: int
