"""Attention of a model with an encoder and a decoder: within each, and from the decoder back to the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModelForSeq2SeqLM

from core.questions import CrossAttention, PositionVectors, WeightSources, WritingWithout
from core.results import Norms
from core.tasks.engine.loading import check_ids, check_shares, load_model, probe, refusing
from core.tasks.lessons.bottleneck import write_without
from core.tasks.lessons.positions import position_vectors
from core.tasks.norms import ENCODER_DECODER_PROJECTIONS, PassedValues, norms, record_values
from core.tasks.score_trace import ScoreTrace
from core.tasks.weight_sources import RowSources, row_sources

Weights = npt.NDArray[np.float16]

ATTENTION_TYPES = ("encoder", "decoder", "cross")
"""Of attention."""

Question = CrossAttention | WeightSources | PositionVectors | WritingWithout


class EncoderDecoderAttention(NamedTuple):
    """What such a model did with a text of N tokens while it wrote M tokens.

    Attributes:
        start: The token id that the decoder was given before all others.
        written: The M token ids that it wrote, or was made to write.
        encoder: float16 ``(layers, heads, N, N)``.
        decoder: ``(layers, heads, M, M)``; row i has read `start` and i tokens of `written`, and decides the next.
        cross: ``(layers, heads, M, N)``; the same rows, looking at the encoder.
        norms: For each of these three, in that order, the norms of what it passes on, if they are known.
    """

    start: int
    written: list[int]
    encoder: Weights
    decoder: Weights
    cross: Weights
    norms: list[Norms | None]


class WrittenRow(NamedTuple):
    """What one row was made of, and what the decoder had written: see `EncoderDecoderAttention`."""

    start: int
    written: list[int]
    sources: RowSources | None


class CrossAttentionTask:
    """A model loaded so that it gives all three kinds of attention away.

    Raises:
        ModelUnavailable: It cannot be loaded, or has no shares for each head: tried out on three tokens.
    """

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        self._device = device
        with refusing("attention", folder):
            self._model = load_model(AutoModelForSeq2SeqLM, folder, device, attn_implementation="eager")
            self._start = int(self._model.generation_config.decoder_start_token_id)
            _count_the_decoders_layers(self._model.config)
            with torch.inference_mode():
                text = tuple(probe(self._model))
                tried = self._ask(CrossAttention(text, (self._start, *text[1:]), 2))
            if (tried.encoder.shape[2:], tried.decoder.shape[2:], tried.cross.shape[2:]) != ((3, 3), (2, 2), (2, 3)):
                raise ValueError("its attention weights are not one rectangle for each head")
            for weights in (tried.encoder, tried.decoder, tried.cross):
                check_shares(torch.from_numpy(weights))

    def run(self, payloads: Sequence[Question]) -> list[Any]:
        """One text after the other: what they make the model write differs in length."""
        return [self._answer(one) for one in payloads]

    def _answer(self, question: Question) -> Any:
        match question:
            case CrossAttention():
                return self._ask(question)
            case WeightSources():
                return self._row(question)
            case PositionVectors():
                return position_vectors(self._model, self._device, question.count)
            case WritingWithout():
                return write_without(self._model, self._device, question)

    def _ask(self, question: CrossAttention) -> EncoderDecoderAttention:
        inputs, written = self._read(question)
        places = ENCODER_DECODER_PROJECTIONS.get(self._model.config.model_type, {})
        with ExitStack() as stack:
            passed = [stack.enter_context(record_values(self._model, places.get(kind))) for kind in ATTENTION_TYPES]
            kinds = self._attentions(inputs, written)
        encoder, decoder, cross = map(_stacked, kinds)
        return EncoderDecoderAttention(self._start, written, encoder, decoder, cross, [*map(_measured, passed, kinds)])

    @torch.inference_mode()
    def _row(self, question: WeightSources) -> WrittenRow:
        """The same, and follow what a row is made of."""
        asked: Any = question.asked
        inputs, written = self._read(asked)
        with ScoreTrace(question.head, question.row) as trace:
            kinds = self._attentions(inputs, written)
        layers = kinds[ATTENTION_TYPES.index(question.kind)]
        return WrittenRow(self._start, written, row_sources(trace, layers, question))

    def _read(self, question: CrossAttention) -> tuple[dict[str, Any], list[int]]:
        """What the encoder is given, and what the decoder writes."""
        check_ids(self._model, question.ids, question.target or question.ids)
        read = torch.tensor([question.ids], device=self._device)
        inputs: dict[str, Any] = {"input_ids": read, "attention_mask": torch.ones_like(read)}
        return inputs, self._target(question.target) or self._write(inputs, question.most)

    def _attentions(self, inputs: dict[str, Any], written: Sequence[int]) -> tuple[Sequence[torch.Tensor], ...]:
        """The weights of each layer, of each of `ATTENTION_TYPES`."""
        given = torch.tensor([[self._start, *written[:-1]]], device=self._device)
        outputs = self._model(**inputs, decoder_input_ids=given, output_attentions=True, use_cache=False)
        kinds = (outputs.encoder_attentions, outputs.decoder_attentions, outputs.cross_attentions)
        if not all(kinds):
            raise ValueError("it gives no attention weights")
        return kinds

    def _target(self, ids: Sequence[int]) -> list[int]:
        """What the decoder is made to write: what it begins with is given to it, not written."""
        return list(ids[1:] if ids[:1] == (self._start,) else ids)

    def _write(self, inputs: dict[str, Any], most: int) -> list[int]:
        """What the model writes if it takes the most probable token each time."""
        found = self._model.generate(**inputs, max_length=1 + most, num_beams=1, do_sample=False)
        return found[0, 1:].tolist()


def _count_the_decoders_layers(config: Any) -> None:
    """Let a T5 with a deeper decoder write: `generate` makes room for as many layers as its encoder has (5.23)."""
    if getattr(config, "num_decoder_layers", 0) > config.num_hidden_layers:
        config.num_hidden_layers = config.num_decoder_layers


def _measured(passed: Sequence[PassedValues], layers: Sequence[torch.Tensor]) -> Norms | None:
    """The norms of the only text, of all layers; nothing if nothing was recorded."""
    if not passed:
        return None
    found = (norms(one, weights) for one, weights in zip(passed, layers, strict=True))
    heads, whole = (torch.cat(part).cpu().numpy() for part in zip(*found, strict=True))
    return Norms(heads, whole)


def _stacked(layers: Sequence[torch.Tensor]) -> Weights:
    """The weights of the only text, of all layers."""
    return torch.cat(tuple(layers)).to("cpu", torch.float16).numpy()
