"""A device that answers at once with imagined results, so that everything around it can be put under stress."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np

from core.errors import CoreError
from core.questions import (
    Continuation,
    JointFilling,
    SerialisedTokenizer,
    TargetComparison,
    TextPair,
    TokenizerFiles,
    WindowedText,
)
from core.serving.runners import Job

LAYERS, HEADS = 2, 3


class ImaginedDevice:
    """Answers what any text can be asked by the commands that read one.

    Args:
        words: What it puts at masks.
        seed: Of its answers.
    """

    name = "imagined"
    padding, memory = 0, 0

    def __init__(self, words: Sequence[str], seed: int) -> None:
        self._words, self._random, self._arrays = words, Random(seed), np.random.default_rng(seed)
        self.loaded: dict[Job, int] = {}

    def run(self, key: Job, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Answer each payload in the shape that the task of that name has."""
        if key.task != "tokenizer":
            self.loaded[key] = 1  # a card that had to wait does not say that it waits for a model
        answers = {
            "sentiment": self._sentiment,
            "unmask": self._unmask,
            "causal": _written,
            "attention": self._attention,
            "tokenizer": _tokenizer,
        }
        return [answers[key.task](payload) for payload in payloads]

    def restart(self) -> None:
        """Nothing to restart."""

    def close(self) -> None:
        """Nothing to close."""

    def _sentiment(self, payload: str | WindowedText) -> Any:
        if isinstance(payload, WindowedText):
            return [self._scores() for _ in range(1 + len(payload.rows))]
        return self._scores()

    def _scores(self) -> list[tuple[str, float]]:
        share = self._random.random()
        return sorted([("POSITIVE", share), ("NEGATIVE", 1 - share)], key=lambda row: -row[1])

    def _unmask(self, payload: Any) -> Any:
        match payload:
            case TargetComparison(words=words):
                return [self._random.random() for _ in words]
            case JointFilling(masks=masks):
                order, chances = self._random.sample(range(len(masks)), len(masks)), [0.5] * len(masks)
                return [(self._choices(len(masks)), order, chances, self._words[0])] * 3
            case (text, top):
                return [self._candidates(text, top)] * max(1, text.count("[MASK]"))
            case other:
                raise AssertionError(other)

    def _candidates(self, text: str, top: int) -> Any:
        return [(n, word, 1 / (n + 2), text) for n, word in enumerate(self._choices(top))]

    def _choices(self, count: int) -> list[str]:
        return self._random.choices(self._words, k=count)

    def _attention(self, payload: Any) -> Any:
        size = len(payload.ids if isinstance(payload, TextPair) else payload)
        weights = self._arrays.random((LAYERS, HEADS, size, size), dtype=np.float32) ** 8 + 1e-3
        return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float16), None


def _written(payload: Continuation) -> Any:
    written = [*payload.written, *[payload.ids[-1]] * payload.count]
    return written, [(0.5, 1)] * len(written), [(payload.ids[-1], 0.5, 0.5)], (1, 1), 1, False, False


def _tokenizer(files: TokenizerFiles) -> SerialisedTokenizer | CoreError:
    """The real one: those of most models in the box need no device."""
    from core.tasks.tokenizer import TokenizerTask  # here, for it loads torch

    return TokenizerTask("", "cpu").run([files])[0]
