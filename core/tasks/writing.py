"""Going on with a text, one token after the other: the likeliest, or one drawn as `transformers` would draw it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import DynamicCache, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from core.questions import Continuation
from core.tasks.engine.loading import check_ids, count_positions, probe
from core.tasks.engine.output_heads import run_head

MOST_NEXT = 50
"""Tokens that could come next, the likeliest of them, that an answer names."""

CACHES = ("cache", "past_key_values")
"""What models call the keys and values of the tokens before: transformers renamed it (5.24)."""

FOUND = "cache_to_read_on"
"""Where a model keeps what `find_cache` found; copies in fewer bits keep it, too."""

AT_FIRST, TRIED = 5, 9
"""Tokens of the text that a model is tried on: those that are read at once, and all."""

CLOSE = 1e-3
"""How far logits may be off by rounding, as a share of their norm."""


class Continued(NamedTuple):
    """How a text went on.

    Attributes:
        written: All token ids behind what was given, those of the question first.
        chances: Of each of these its probability and its rank, from 1, before temperature, top-k and top-p.
        next: The likeliest `MOST_NEXT` tokens that could follow: id, probability, and that after temperature, top-k and
            top-p; nothing where the text has ended.
        left: How many tokens top-k leaves, and how many of these top-p; with a temperature of 0 one.
        vocabulary: How many tokens there are.
        ended: Whether the last token written ends the text.
        full: Whether the model can read no more.
    """

    written: list[int]
    chances: list[tuple[float, int]]
    next: list[tuple[int, float, float]]
    left: tuple[int, int]
    vocabulary: int
    ended: bool
    full: bool


@torch.inference_mode()
def continue_text(model: Any, device: str, question: Continuation) -> Continued:
    """Write some tokens behind a text, and say what could follow.

    Raises:
        Exception: The model cannot read it: see `check_ids`.
    """
    written, ends = list(question.written), _ends_of(model)
    check_ids(model, [*question.ids, *written])
    reader = Reader(model, device, find_cache(model))
    *before, logits = reader.read([*question.ids, *written], 1 + len(written))
    chances = [_chance(row, id) for row, id in zip(before, written, strict=True)]
    room = min(question.longest, count_positions(model)) - len(question.ids)
    goal = min(room, len(written) + question.count)
    ended = bool(written) and written[-1] in ends
    while len(written) < goal and not ended:
        id = _choose(logits, question, len(question.ids) + len(written))
        chances.append(_chance(logits, id))
        written.append(id)
        (logits,) = reader.read([id], 1)
        ended = id in ends
    scores, left = warp(logits, question)
    following = [] if ended else _next(logits, scores)
    return Continued(written, chances, following, left, len(logits), ended, len(written) >= room)


@torch.inference_mode()
def find_cache(model: Any) -> str:
    """What a model calls the cache with which a text, read on token by token, is to it what it is at once; or empty.

    That is tried once, best in float32. Some with a memory of another kind than keys and values leave the cache empty
    (RWKV) or want one of their own (MiniMax), and with some reading on leads elsewhere (Bamba; transformers 5.24).
    """
    if FOUND not in model.__dict__:
        setattr(model, FOUND, _tried_cache(model, probe(model, min(TRIED, count_positions(model)))))
    return getattr(model, FOUND)


def _tried_cache(model: Any, ids: Sequence[int]) -> str:
    (*expected,) = Reader(model, model.device).read(ids, len(ids))
    takes = inspect.signature(model.forward).parameters
    if not (name := next((name for name in CACHES if name in takes), "")):
        return ""
    try:
        reader = Reader(model, model.device, name)
        found = [*reader.read(ids[:AT_FIRST], AT_FIRST), *(reader.read([id], 1)[0] for id in ids[AT_FIRST:])]
    except (torch.OutOfMemoryError, torch.AcceleratorError):
        raise
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):  # it takes no such cache
        return ""
    alike = ((one - other).norm() <= CLOSE * other.norm() for one, other in zip(found, expected, strict=True))
    return name if all(alike) else ""


class Reader:
    """Reads a text bit by bit, and keeps the keys and values of what it has read where a model can take them again.

    Args:
        model: A causal language model.
        device: Where it is.
        cache: What the model calls them, see `find_cache`; without, all is read again each time.
    """

    def __init__(self, model: Any, device: str, cache: str = "") -> None:
        self._model, self._device, self._ids, self._name = model, device, list[int](), cache
        self._cache = DynamicCache(config=model.config) if cache else None

    def read(self, ids: Sequence[int], last: int) -> Tensor:
        """Read some more tokens; returns the logits ``(last, vocabulary)`` after each of the last, on the CPU."""
        given = [*self._ids, *ids] if self._cache is None else list(ids)
        self._ids += ids
        inputs: dict[str, Any] = {
            "input_ids": torch.tensor([given], device=self._device),
            "attention_mask": torch.ones((1, len(self._ids)), dtype=torch.long, device=self._device),
        }
        if self._cache is not None:
            inputs |= {self._name: self._cache, "use_cache": True}
        return run_head(self._model, lambda output: output.last_hidden_state[:, -last:], **inputs)[0].float().cpu()


def warp(logits: Tensor, question: Continuation) -> tuple[Tensor, tuple[int, int]]:
    """What a token is drawn from: logits after temperature, top-k and top-p, in the order of `transformers`.

    Returns:
        The logits ``(vocabulary,)``, those of tokens that cannot be drawn as minus infinity; and how many were left by
        top-k, and then by top-p.
    """
    if not question.temperature:
        only = torch.full_like(logits, -torch.inf)
        only[logits.argmax()] = 0.0
        return only, (1, 1)
    nothing: Any = None  # none of them looks at what was read
    scores = TemperatureLogitsWarper(question.temperature)(nothing, logits[None])
    if question.top_k:
        scores = TopKLogitsWarper(question.top_k)(nothing, scores)
    kept = int(scores.isfinite().sum())
    if question.top_p < 1:
        scores = TopPLogitsWarper(question.top_p)(nothing, scores)
    return scores[0], (kept, int(scores.isfinite().sum()))


def gumbel_noise(seed: int, position: int, size: int) -> npt.NDArray[np.float64]:
    """Standard Gumbel noise ``(size,)``: where logits plus it are largest is a draw from their softmax.

    It comes from the counter-based generator Philox, keyed by the seed and by how many tokens stand before, and only
    from its raw numbers, which NumPy keeps the same. So whoever steps back and draws again draws the same, whatever
    was drawn elsewhere; and a last digit that another device rounds in another way hardly ever changes a draw.
    """
    raw = np.random.Philox(key=np.array([seed, position], np.uint64)).random_raw(size)
    return -np.log(-np.log(((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53))


def _choose(logits: Tensor, question: Continuation, position: int) -> int:
    """The token to write at a position."""
    if question.likeliest:
        return int(logits.argmax())
    scores = warp(logits, question)[0].double().numpy()
    return int((scores + gumbel_noise(question.seed, position, len(scores))).argmax())


def _chance(logits: Tensor, id: int) -> tuple[float, int]:
    """The probability of a token, and its rank."""
    return float(logits.softmax(dim=-1)[id]), 1 + int((logits > logits[id]).sum())


def _next(logits: Tensor, scores: Tensor) -> list[tuple[int, float, float]]:
    """The likeliest tokens with their probabilities before and after."""
    ids = logits.topk(min(MOST_NEXT, len(logits))).indices
    before, after = (values.softmax(dim=-1)[ids].tolist() for values in (logits, scores))
    return list(zip(ids.tolist(), before, after, strict=True))


def _ends_of(model: Any) -> frozenset[int]:
    """The tokens that end a text; a model may name several."""
    said = getattr(model, "generation_config", None) or model.config
    found = said.eos_token_id
    return frozenset(found if isinstance(found, list) else [] if found is None else [found])
