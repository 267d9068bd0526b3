"""Sentiment: the text-classification pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification

from core.errors import BadInput
from core.questions import PartAblation, WindowedText, WordAttribution
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import run_head_at
from core.tasks.engine.packing import ForwardPass
from core.tasks.engine.pipelines import PipelineTask, encode, load_pipeline
from core.tasks.engine.varlen_attention import reads_in_row
from core.tasks.explaining.ablation import ablate
from core.tasks.explaining.attribution import (
    Explained,
    LogitFunction,
    attribute,
    find_blank,
    logits_of,
    rows_at_once,
)

Pair = tuple[str, float]
"""A label and its probability."""

Question = WordAttribution | WindowedText | PartAblation
"""Something more about a text."""


class SentimentTask(PipelineTask):
    """Scores every label of a classifier, and says which words speak for one."""

    def __init__(self, folder: str, device: str) -> None:
        auto = AutoModelForSequenceClassification
        super().__init__(load_pipeline("sentiment", "text-classification", auto, folder, device), device)

    def run(self, payloads: Sequence[str | Question]) -> list[Any]:
        """For each text its ``(label, probability)`` pairs, the most probable first.

        For each `WordAttribution` the names of the labels, and the same as `explain_word` gives. For `WindowedText` the
        pairs of the whole text, then those of each window. For `PartAblation` the names of the labels, and what
        `ablate` gives with these in the place of numbers.
        """
        plain = [payload for payload in payloads if isinstance(payload, str)]
        scores = iter(self._scores(plain) if plain else ())
        return [next(scores) if isinstance(payload, str) else self._more(payload) for payload in payloads]

    @torch.inference_mode()
    def decisions(self, texts: Sequence[str]) -> list[str | float]:
        """The most probable label of each text; its score to a tenth, where there is no other."""
        return [rows[0][0] if len(rows) > 1 else round(rows[0][1], 1) for rows in self._scores(texts)]

    def _scores(self, texts: Sequence[str]) -> list[list[Pair]]:
        scores = [list[Pair]()] * len(texts)
        for one in self._passes(encode(self._pipeline, texts)):
            for text, logits in zip(one.texts, _logits(self.model, one).cpu(), strict=True):
                scores[text] = self._pairs(logits)
        return scores

    def _pairs(self, logits: torch.Tensor) -> list[Pair]:
        rows = self._pipeline.postprocess({"logits": logits[None]}, top_k=None, _legacy=False)
        return [(row["label"], row["score"]) for row in rows]

    def _more(self, question: Question) -> Any:
        match question:
            case WordAttribution():
                return self._why(question)
            case WindowedText():
                return self._in_windows(question)
            case PartAblation():
                return self._ablated(question)

    def _ablated(self, question: PartAblation) -> Any:
        """Without its parts: of as many rows at a time as go through the model together."""
        model = self._pipeline.model
        check_ids(model, question.ids)
        ids = torch.tensor([question.ids], device=self._device)
        single = model.config.problem_type not in ("regression", "multi_label_classification")
        at_once = rows_at_once(model, len(question.ids))
        found = ablate(model, ids, partial(logits_of, model), question, single=single, at_once=at_once)
        return self._labels, tuple(found.named(self._labels.__getitem__))

    def _in_windows(self, question: WindowedText) -> list[list[Pair]]:
        """The whole text, which has the mean of the windows' logits, and each window."""
        check_ids(self._pipeline.model, *question.rows)
        *full, last = question.rows  # only the last may be shorter than the others
        tensors = [torch.tensor(rows, device=self._device) for rows in (full, [last]) if rows]
        logits = torch.cat([logits_of(self._pipeline.model, rows) for rows in tensors]).cpu()
        weights = torch.tensor(question.weights, dtype=logits.dtype)
        mean = (weights / weights.sum()) @ logits
        return [self._pairs(row) for row in (mean, *logits)]

    def _why(self, question: WordAttribution) -> tuple[tuple[str, ...], Explained]:
        model = self._pipeline.model
        blank, spelt = find_blank(self._pipeline.tokenizer)
        check_ids(model, question.ids)
        ids = torch.tensor([question.ids], device=self._device)
        logits, labels = logits_of(model, ids), self._labels
        answer, rather = (_number(labels, one) for one in (question.answer, question.rather))
        answer = int(logits.argmax()) if answer is None else answer
        at_once = rows_at_once(model, len(question.ids))
        function = LogitFunction(model, ids, lambda **inputs: model(**inputs).logits, at_once, answer, rather)
        found = attribute(function, question.words, blank, logits)
        order = logits[0].argsort(descending=True, stable=True).tolist()  # scores of 1.0 may be of different logits
        scores = self._pipeline.postprocess({"logits": logits.cpu()}, top_k=None)
        choices = [(number, labels[number], scores[number]["score"]) for number in order]
        return labels, (choices, spelt, tuple(found))

    @property
    def _labels(self) -> tuple[str, ...]:
        """The labels, by their numbers."""
        names = self._pipeline.model.config.id2label
        return tuple(names[number] for number in range(len(names)))


def _number(labels: Sequence[str], label: int | str | None) -> int | None:
    """The number of a label that is given by its name or its number.

    Raises:
        BadInput: There is no such label.
    """
    if label in labels:
        return labels.index(str(label))
    if isinstance(label, str) or (label is not None and not 0 <= label < len(labels)):
        raise BadInput("The model has no label {label}: it has {labels}.", label=label, labels=", ".join(labels))
    return label


def _logits(model: Any, one: ForwardPass) -> torch.Tensor:
    """``(texts, labels)`` of one pass. The heads of all families that read texts in one row look at the first token."""
    if reads_in_row(model.config):
        return run_head_at(model, one.starts, narrow=True, apart=True, **one.inputs)
    return model(**one.inputs).logits
