"""Sentiment: the text-classification pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import AutoModelForSequenceClassification

from core.questions import Why
from core.tasks.attribution import attribute
from core.tasks.pipelines import forward, load_pipeline


class SentimentTask:
    """Scores every label of a classifier, and says which words speak for the most probable one."""

    def __init__(self, folder: str, device: str) -> None:
        self._device = device
        self._pipeline = load_pipeline(
            "sentiment", "text-classification", AutoModelForSequenceClassification, folder, device
        )

    def run(self, payloads: Sequence[str | Why]) -> list[Any]:
        """For each text its ``(label, probability)`` pairs, the most probable first.

        For each `Why` the name of the label, how the vocabulary spells the baseline, and what `attribute` gives.
        """
        plain = [payload for payload in payloads if isinstance(payload, str)]
        scores = iter(self._scores(plain) if plain else ())
        return [next(scores) if isinstance(payload, str) else self._why(payload) for payload in payloads]

    def _scores(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        return [
            [(row["label"], row["score"]) for row in self._pipeline.postprocess(one, top_k=None, _legacy=False)]
            for one in forward(self._pipeline, texts)
        ]

    def _why(self, question: Why) -> tuple[str, str, tuple[Any, ...]]:
        model, tokenizer = self._pipeline.model, self._pipeline.tokenizer
        choices = (tokenizer.mask_token, tokenizer.unk_token, tokenizer.pad_token, tokenizer.eos_token)
        blank = next(token for token in choices if token is not None)
        found = attribute(model, self._device, tokenizer.convert_tokens_to_ids(blank), question)
        return model.config.id2label[found.label], str(blank), tuple(found)
