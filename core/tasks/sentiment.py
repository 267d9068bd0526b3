"""Sentiment: the text-classification pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from transformers import AutoModelForSequenceClassification

from core.tasks.pipelines import forward, load_pipeline


class SentimentTask:
    """Scores every label of a classifier."""

    def __init__(self, folder: str, device: str) -> None:
        self._pipeline = load_pipeline(
            "sentiment", "text-classification", AutoModelForSequenceClassification, folder, device
        )

    def run(self, payloads: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text its ``(label, probability)`` pairs, the most probable first."""
        return [
            [(row["label"], row["score"]) for row in self._pipeline.postprocess(one, top_k=None, _legacy=False)]
            for one in forward(self._pipeline, payloads)
        ]
