"""Attention: every weight of every head, and the norms of what it passes on, from one forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import AutoModel

from core.questions import PartMoves, PositionVectors, TextPair, WeightSources
from core.results import Norms
from core.tasks.engine.loading import check_ids, check_shares, load_model, probe, refusing
from core.tasks.engine.padding import fill_up, share_passes
from core.tasks.lessons.moves import part_moves
from core.tasks.lessons.positions import position_vectors
from core.tasks.norms import PROJECTIONS, PassedValues, norms, record_values
from core.tasks.score_trace import ScoreTrace
from core.tasks.weight_sources import row_sources

Weights = tuple[npt.NDArray[np.float16], Norms | None]
"""Of one text."""

Deeper = WeightSources | PositionVectors | PartMoves
"""What is asked beyond weights."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Of some padded texts: weights ``(texts, layers, heads, N, N)``; norms of heads and layers, if they are known."""

    weights: Tensor
    heads: Tensor | None
    layers: Tensor | None

    def cut(self, text: int, size: int) -> Weights:
        """The part of one text without its padding."""
        weights = self._of(text, self.weights[..., :size, :size])
        if self.heads is None or self.layers is None:
            return weights, None
        return weights, Norms(self._of(text, self.heads[..., :size]), self._of(text, self.layers[..., :size, :size]))

    def _of(self, text: int, part: Tensor) -> npt.NDArray[Any]:
        """What belongs to one text: a copy, unless it is the only one, so that it keeps no others in memory."""
        return part[text].numpy() if len(self.weights) == 1 else part[text].numpy().copy()


class AttentionTask:
    """A model loaded so that it gives its attention weights away.

    Only the "eager" implementation does: with the default one, ``output_attentions=True`` yields an empty tuple and a
    line in the log.

    Raises:
        ModelUnavailable: It cannot be loaded, or has no square of shares for each head of each layer: tried out on
            three tokens.
    """

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        self._device = device
        with refusing("attention", folder):
            self._model = load_model(AutoModel, folder, device, attn_implementation="eager")
            tried = self._forward([probe(self._model)], [3]).weights
            if tried.shape[3:] != (3, 3):
                raise ValueError("its attention weights are not one square for each head")
            _check_layers(tried.shape[1], self._model.config.get_text_config().num_hidden_layers)
            check_shares(tried)

    def run(self, payloads: Sequence[Sequence[int] | TextPair | Deeper]) -> list[Any]:
        """For each list of N token ids its weights, float16 ``(layers, heads, N, N)``, and the norms, if known.

        For `WeightSources` what one row was made of, or ``None`` where that cannot be followed; for other questions see
        the functions that answer them.
        """
        maps = iter(self._maps([payload for payload in payloads if not isinstance(payload, Deeper)]))
        return [self._more(one) if isinstance(one, Deeper) else next(maps) for one in payloads]

    def _more(self, question: Deeper) -> Any:
        if isinstance(question, PositionVectors):
            return position_vectors(self._model, self._device, question.count)
        asked: Any = question.asked  # of a model with a decoder it is another task's
        ids, second = (asked.ids, asked.second) if isinstance(asked, TextPair) else (asked, len(asked))
        check_ids(self._model, ids)
        if isinstance(question, PartMoves):
            return part_moves(self._model, lambda: self._attentions([ids], [second]))
        with ScoreTrace(question.head, question.row) as trace:
            layers = self._attentions([ids], [second])
        return row_sources(trace, layers, question)

    def _maps(self, payloads: Sequence[Sequence[int] | TextPair]) -> list[Weights]:
        if not payloads:
            return []
        texts = [payload.ids if isinstance(payload, TextPair) else payload for payload in payloads]
        check_ids(self._model, *texts)
        seconds = [payload.second if isinstance(payload, TextPair) else len(payload) for payload in payloads]
        found: dict[int, Weights] = {}
        for part in share_passes(self._model, texts):
            batch = self._forward([texts[text] for text in part], [seconds[text] for text in part])
            found |= {text: batch.cut(row, len(texts[text])) for row, text in enumerate(part)}
        return [found[text] for text in range(len(texts))]

    @torch.inference_mode()
    def _forward(self, texts: Sequence[Sequence[int]], seconds: Sequence[int]) -> _Batch:
        """Run padded texts; `seconds` says where in each the second of two texts begins."""
        with record_values(self._model, PROJECTIONS.get(self._model.config.model_type)) as passed:
            layers = self._attentions(texts, seconds)
        return _measured(layers, passed)

    @torch.inference_mode()
    def _attentions(self, texts: Sequence[Sequence[int]], seconds: Sequence[int]) -> list[Tensor]:
        """The weights of each layer ``(texts, heads, N, N)``; nothing else holds on to them."""
        inputs = fill_up(texts)
        places = torch.arange(inputs["input_ids"].shape[1])
        self.padding += len(places) * len(texts) - sum(map(len, texts))
        if getattr(self._model.config, "type_vocab_size", 0) > 1:  # others have no place for it, or misread it: GPT-2
            inputs["token_type_ids"] = (places >= torch.tensor([[second] for second in seconds])).long()
        given = {name: tensor.to(self._device) for name, tensor in inputs.items()}
        outputs = self._model(**given, output_attentions=True)
        if not outputs.attentions:
            raise ValueError("it gives no attention weights")
        return list(outputs.attentions)


def _check_layers(found: int, layers: int) -> None:
    """Refuse a model some of whose layers mix tokens otherwise (Jamba, LFM2): the others would get wrong numbers.

    Raises:
        ValueError: It gives weights of fewer layers, or more, than it has.
    """
    if found != layers:
        raise ValueError(f"it gives attention weights of {found} layers, and has {layers}: which is which is not known")


def _measured(attentions: list[Tensor], passed: Sequence[PassedValues]) -> _Batch:
    """What is kept of the weights of all layers, each ``(texts, heads, N, N)``; the list is used up.

    Each layer is let go of as soon as it is measured: all in float32 and in float16 would take three times the memory.
    """
    texts, *shape = attentions[0].shape
    weights = torch.empty((texts, len(attentions), *shape), dtype=torch.float16)
    found: list[tuple[Tensor, Tensor]] = []
    for number in range(len(attentions)):
        layer = attentions.pop(0)
        weights[:, number] = layer
        found += [norms(passed[number], layer)] if passed else []
    if not passed:
        return _Batch(weights, None, None)
    heads, layers = (torch.stack(part, dim=1).to("cpu") for part in zip(*found, strict=True))
    return _Batch(weights, heads, layers)
