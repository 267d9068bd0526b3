"""Masked words: the fill-mask pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import AutoModelForMaskedLM

from core.tasks.pipelines import forward, load_pipeline

Row = tuple[int, str, float, str]
"""A candidate as plain data: token id, word, probability, the sentence with it."""


class UnmaskTask:
    """Finds the most probable words for each mask."""

    def __init__(self, folder: str, device: str) -> None:
        self._pipeline = load_pipeline("unmask", "fill-mask", AutoModelForMaskedLM, folder, device)

    def run(self, payloads: Sequence[tuple[str, int]]) -> list[list[list[Row]]]:
        """For each ``(text, top)`` the `top` candidates of each mask, the most probable first."""
        outputs = forward(self._pipeline, [text for text, _ in payloads])
        vocabulary = len(self._pipeline.tokenizer)
        return [
            [[_row(found) for found in mask] for mask in _masks(self._pipeline.postprocess(one, min(top, vocabulary)))]
            for one, (_, top) in zip(outputs, payloads, strict=True)
        ]


def _masks(answer: list[Any]) -> list[list[dict[str, Any]]]:
    """The pipeline gives a list of candidates for one mask, and a list of such lists for several."""
    return answer if isinstance(answer[0], list) else [answer]


def _row(found: dict[str, Any]) -> Row:
    return found["token"], found["token_str"], found["score"], found["sequence"]
