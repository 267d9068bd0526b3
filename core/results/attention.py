"""The attention of a forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from core.results.pieces import check_counts, from_arrays, read_npz, read_pieces, to_arrays
from core.results.shown import Columns, Shown, beginning, counted, short
from core.results.tokenization import ModelInfo, Tokenization
from core.results.weights import is_causal, read_weights


@dataclass(frozen=True, slots=True, eq=False)
class Norms:
    """How long the vectors are that attention passes on (Kobayashi et al. 2020, arXiv:2004.10102).

    With f(x) = (x W_V + b_V) W_O of a head, and x_j what that layer reads at token j:

    Attributes:
        heads: ‖f(x_j)‖, float32 ``(layers, heads, N)``.
        layers: ‖Σ_h A_ij f(x_j)‖, the norm after the sum over heads, float32 ``(layers, M, N)``.
    """

    heads: npt.NDArray[np.float32]
    layers: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionMap(Shown):
    """Every attention weight of one forward pass, or what changed in each between two.

    Attributes:
        source: The text and its N tokens: those that are looked at.
        weights: float16 array ``(layers, heads, M, N)``; row = the token that looks (query), column = the token
            looked at (key); each row sums to 1.
        causal: Whether a token can only look at itself and what came before it.
        norms: Those of what is passed on, or ``None`` where the model's family is not known.
        rows: The M tokens that look, where they are not those of `source`: in cross-attention those that the decoder
            writes, each in the row in which it is decided.
        signed: Whether these are differences of two maps: more in the second is positive, and each row sums to 0.
        related: Other maps that belong to this one: ``encoder`` and ``decoder`` of cross-attention, ``first`` and
            ``second`` of a difference.
    """

    source: Tokenization
    weights: npt.NDArray[np.float16]
    causal: bool = False
    norms: Norms | None = None
    rows: Tokenization | None = None
    signed: bool = False
    related: Mapping[str, AttentionMap] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        attentions: Any,
        tokens: Sequence[str] | Tokenization | None = None,
        *,
        rows: Sequence[str] | Tokenization | None = None,
        model: str = "weights as given",
    ) -> Self:
        """The map of any attention weights, such as those that a transformers model returns.

        >>> AttentionMap.of([[0.9, 0.1], [0.5, 0.5]], ["it", "was"])
        <AttentionMap: 1 layer × 1 head · 2 tokens · “it was” · weights as given>

        Args:
            attentions: An array or tensor ``(M, N)``, ``(heads, M, N)`` or ``(layers, heads, M, N)``; a transformers
                model's ``outputs.attentions`` of one text; or its whole output.
            tokens: The N tokens that are looked at, as ``tokenizer.convert_ids_to_tokens`` spells them; numbers from 1
                if they have no names.
            rows: The M tokens that look, if they are others, as in cross-attention.
            model: What to call the model.

        Raises:
            BadInput: They are no attention weights of one text, or there are not as many tokens.
        """
        weights = read_weights(attentions)
        looks, looked = weights.shape[-2:]
        source = _named(tokens, looked, model)
        apart = rows is not None or looks != looked
        looking = _named(rows, looks, model) if apart else None
        check_counts(weights, source, looking or source)
        return cls(source, weights.astype(np.float16), causal=not apart and is_causal(weights), rows=looking)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The map in an ``.npz`` that `save` wrote or somebody took away from a picture.

        Raises:
            BadInput: The file holds none.
        """
        arrays = read_npz(path)
        weights, rows = arrays["weights"], None
        norms = Norms(arrays["head_norms"], arrays["layer_norms"]) if "head_norms" in arrays else None
        if "row_tokens" in arrays:
            rows = from_arrays(arrays, "row_")
        source, signed = from_arrays(arrays), bool(arrays.get("signed", (weights < 0).any()))
        check_counts(weights, source, rows or source)
        return cls(source, weights, bool(arrays.get("causal", is_causal(weights))), norms, rows, signed)

    def save(self, path: str | Path) -> Path:
        """Write the weights and everything about the tokens to an ``.npz``, for `load`; related maps stay behind."""
        with Path(path).open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **self.to_arrays())
        return Path(path)

    def to_arrays(self) -> dict[str, Any]:
        """The arrays of an ``.npz``, by name."""
        found = {"weights": self.weights, **to_arrays(self.source)}
        found["causal"], found["signed"] = np.array(self.causal), np.array(self.signed)
        if self.rows:
            found |= to_arrays(self.rows, "row_")
        if self.norms:
            found |= {"head_norms": self.norms.heads, "layer_norms": self.norms.layers}
        return found

    def to_numpy(self) -> npt.NDArray[np.float32]:
        """The weights as float32 ``(layers, heads, M, N)``, to compute with; indices from 0."""
        return self.weights.astype(np.float32)

    def columns(self) -> Columns:
        """A row for each weight: layer, head and positions from 1, the names of the tokens, the weight."""
        layer, head, row, column = (axis.ravel() for axis in np.indices(self.weights.shape))
        looking, looked = (np.array([token.piece for token in of.tokens]) for of in (self.queries, self.source))
        places = {"layer": layer + 1, "head": head + 1, "row": row + 1, "column": column + 1}
        named = {"from": looking[row], "to": looked[column]}
        return {**places, **named, "weight": self.weights.ravel().astype(np.float32)}

    def glance(self) -> Columns:
        """What it is a map of; `core.show` draws it."""
        facts = {"model": self.source.model.name, "text": self.source.text, "tokens": len(self.source.tokens)}
        sizes = {"layers": self.layers, "heads": self.heads, "weights": self.weights.size}
        return {name: [fact] for name, fact in {**facts, **sizes}.items()}

    def __repr__(self) -> str:
        size = f"{counted(self.layers, 'layer')} × {counted(self.heads, 'head')}"
        count, tokens = f"{len(self.queries.tokens)} × " if self.rows else "", counted(len(self.source.tokens), "token")
        return short(self, size, count + tokens, beginning(self.source.text), self.source.model.name)

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return int(self.weights.shape[0])

    @property
    def heads(self) -> int:
        """How many heads each layer has."""
        return int(self.weights.shape[1])

    @property
    def queries(self) -> Tokenization:
        """The M tokens of the rows."""
        return self.rows or self.source

    @property
    def is_self_attention(self) -> bool:
        """Whether each token of one text looks at every other: neither cross-attention nor a difference."""
        return self.rows is None and not self.signed


def _named(tokens: Sequence[str] | Tokenization | None, count: int, model: str) -> Tokenization:
    """Tokens of a text, or numbers where they have no names."""
    if isinstance(tokens, Tokenization):
        return tokens
    pieces = range(1, count + 1) if tokens is None else tokens
    return read_pieces([str(piece) for piece in pieces], ModelInfo(model))
