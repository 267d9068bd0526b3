"""What can be said about attention weights in one number: how broad, how far, to whom, and in which pattern.

Everything here is plain numpy. Weights are ``(…, N, N)`` with row = query, column = key and rows that sum to 1;
leading axes (layers, heads) stay as they are. Padding must be gone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.results import AttentionMap, Token

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

SEPARATORS = ("[SEP]", "</s>", "<|endoftext|>")
CLEAR = 0.4  # from this share of its attention on, a head "behaves like" a pattern
BROAD = 0.8  # from this normalised entropy on, a head looks everywhere

# The patterns of `patterns`, and what a head with that pattern does.
BEHAVIOURS = {
    "previous": "looks at the token before",
    "next": "looks at the token after",
    "self": "looks at the token itself",
    "first": "looks at the first token",
    "separator": "looks at the separator",
    "punctuation": "looks at punctuation",
    "same": "looks at other copies of the same token",
    "induction": "looks at what followed an earlier copy of the token",
    "broad": "spreads its attention widely",
    "mixed": "follows no single pattern",
}


def rollout(weights: npt.NDArray[np.floating]) -> Floats:
    """Trace each position back to the input through all layers.

    Heads are averaged and half of each layer is taken as passed on unchanged: ``R = Â^L … Â^1`` with
    ``Â = ½ mean_h A + ½ I`` (Abnar & Zuidema 2020, arXiv:2005.00928, section 3).

    Args:
        weights: ``(layers, heads, N, N)``.

    Returns:
        float32 ``(N, N)``: the share of input token j in what stands at position i after the last layer; rows sum to 1.
    """
    shares = np.eye(weights.shape[-1], dtype=np.float32)
    for layer in weights.astype(np.float32).mean(axis=1):
        mixed = (layer + np.eye(len(layer), dtype=np.float32)) / 2
        shares = mixed / mixed.sum(axis=-1, keepdims=True) @ shares
    return shares


def norm_weighted(attention: AttentionMap, layer: int, head: int | None) -> Floats:
    """Share out what a head, or with ``None`` the whole layer, adds at each position, by how long it is.

    ``n_ij / Σ_j n_ij`` with ``n_ij = ‖A_ij f(x_j)‖`` of a head, and of a layer ``‖Σ_h A_ij f(x_j)‖``, the norm after
    the sum (Kobayashi et al. 2020, arXiv:2004.10102, sections 3 and 4).

    Returns:
        float32 ``(M, N)``; rows sum to 1.

    Raises:
        BadInput: The norms are not known.
    """
    if attention.norms is None:
        raise BadInput("What this model passes on cannot be measured: choose another picture, or another model.")
    if head is None:
        lengths = attention.norms.layers[layer]
    else:
        lengths = attention.weights[layer, head].astype(np.float32) * attention.norms.heads[layer, head]
    return lengths / np.maximum(lengths.sum(axis=-1, keepdims=True), np.float32(1e-9))


def entropy(weights: npt.NDArray[np.floating], causal: bool = False) -> Floats:
    """Measure how broadly each position looks: ``−Σ_j A_ij log2 A_ij / log2 K_i``, from 0 (one token) to 1 (all).

    K_i is how many tokens position i may see. A position that sees only itself counts as 0.

    Returns:
        float32 ``(…, N)``.
    """
    values = weights.astype(np.float32)
    bits = -(values * np.log2(np.where(values > 0, values, 1))).sum(axis=-1)
    count = int(values.shape[-1])
    seen = np.tri(count) if causal else np.ones((count, count))
    return (bits / np.log2(np.maximum(seen.sum(axis=-1), 2))).astype(np.float32)


def distance(weights: npt.NDArray[np.floating]) -> Floats:
    """Measure how far each position looks on average, in tokens: ``Σ_j A_ij |i − j|``; float32 ``(…, N)``."""
    place = np.arange(int(weights.shape[-1]))
    return (weights.astype(np.float32) * np.abs(place[:, None] - place)).sum(axis=-1)


def special_share(weights: npt.NDArray[np.floating], special: Flags) -> Floats:
    """Measure the share of the ordinary tokens' attention that goes to special tokens.

    Args:
        weights: ``(…, N, N)``.
        special: ``(N,)``, which tokens are special.

    Returns:
        float32 ``(…)``, the mean over the ordinary tokens; 0 where there are none.
    """
    if special.all():
        return np.zeros(weights.shape[:-2], np.float32)
    return weights.astype(np.float32)[..., ~special, :][..., special].sum(axis=-1).mean(axis=-1)


def selectivity(weights: npt.NDArray[np.floating], tokens: tuple[Token, ...]) -> Floats:
    """Measure how much of an ordinary token's attention goes to the one ordinary token that it looks at most.

    Its neighbours, copies of it, special tokens and punctuation do not count; nor does a token that looks more at
    itself or at a neighbour.

    Returns:
        float32 ``(…)``, the mean over the ordinary tokens; 0 where there are none with anything to look at.
    """
    place = np.arange(len(tokens))
    ids = np.array([token.id for token in tokens])
    ordinary = np.array([not token.special and not _punctuation(token.piece) for token in tokens])
    close = np.abs(place[:, None] - place) <= 1
    flags = np.outer(ordinary, ordinary) & ~close & (ids[:, None] != ids)
    rows = flags.any(axis=1)
    if not rows.any():
        return np.zeros(weights.shape[:-2], np.float32)
    values = weights.astype(np.float32)[..., rows, :]
    far, near = (np.where(which[rows], values, 0).max(axis=-1) for which in (flags, close))
    return np.where(far > near, far, 0).mean(axis=-1)


def total_variation(differences: npt.NDArray[np.floating]) -> Floats:
    """Measure which share of attention goes elsewhere: ``½ Σ_j |Δ_ij|``, the total variation distance of two rows.

    Returns:
        float32 ``(…)``, the mean over the rows.
    """
    return np.abs(differences.astype(np.float32)).sum(axis=-1).mean(axis=-1) / 2


def patterns(tokens: tuple[Token, ...]) -> dict[str, Flags]:
    """Lay out which (query, key) pairs each well-known pattern consists of, as ``(N, N)`` flags.

    Previous, next, same and induction follow TransformerLens' head detector; ``same`` leaves the token itself out. A
    separator that stands before a text, as GPT-2's does, is its first token and separates nothing.
    """
    count = len(tokens)
    ids = np.array([token.id for token in tokens])
    alike = ids[:, None] == ids
    earlier = np.tri(count, k=-1, dtype=bool)
    column = np.ones((count, 1), bool)
    separators = [place > 0 and token.special and token.piece in SEPARATORS for place, token in enumerate(tokens)]
    return {
        "previous": np.eye(count, k=-1, dtype=bool),
        "next": np.eye(count, k=1, dtype=bool),
        "self": np.eye(count, dtype=bool),
        "first": column & (np.arange(count) == 0),
        "separator": column & np.array(separators),
        "punctuation": column & np.array([not token.special and _punctuation(token.piece) for token in tokens]),
        "same": alike & ~np.eye(count, dtype=bool),
        "induction": np.pad(alike & earlier, ((0, 0), (1, 0)))[:, :count],
    }


def pattern_scores(weights: npt.NDArray[np.floating], flags: Mapping[str, Flags]) -> dict[str, Floats]:
    """Measure which share of all attention lies on each pattern: ``Σ(A ∘ P) / ΣA``; float32 ``(…)`` for each name."""
    values = weights.astype(np.float32).reshape(*weights.shape[:-2], -1)
    chosen = np.stack([flag.ravel() for flag in flags.values()], axis=1).astype(np.float32)
    shares = values @ chosen / np.maximum(values.sum(axis=-1, keepdims=True), np.float32(1e-9))
    return {name: shares[..., place] for place, name in enumerate(flags)}


def fits(attention: AttentionMap) -> dict[str, Floats]:
    """Measure how well each head fits each of `BEHAVIOURS` but "mixed", from 0 to 1; ``(layers, heads)`` by name.

    Of "broad" it is the mean `entropy`, of all others the share of attention on the pattern.
    """
    shares = pattern_scores(attention.weights, patterns(attention.source.tokens))
    return {**shares, "broad": entropy(attention.weights, attention.causal).mean(axis=-1)}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a head behaves like: a key of `BEHAVIOURS`, and the share of its attention on the pattern nearest to it."""

    name: str
    score: float


def behaviours(attention: AttentionMap) -> list[list[Behaviour]]:
    """Name what every head of every layer behaves like on this text: ``[layer][head]``."""
    scores = fits(attention)
    breadth = scores.pop("broad")
    names, stacked = list(scores), np.stack(list(scores.values()))

    def behaviour(layer: int, head: int) -> Behaviour:
        best = int(stacked[:, layer, head].argmax())
        score = float(stacked[best, layer, head])
        vague = "broad" if breadth[layer, head] >= BROAD else "mixed"
        return Behaviour(names[best] if score >= CLEAR else vague, score)

    return [[behaviour(layer, head) for head in range(attention.heads)] for layer in range(attention.layers)]


def _punctuation(piece: str) -> bool:
    """Whether a piece consists of punctuation (its word or space markers aside)."""
    bare = piece.removeprefix("##").strip("Ġ▁")
    return bool(bare) and all(unicodedata.category(char)[0] == "P" for char in bare)
