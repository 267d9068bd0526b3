"""Every question that a device can be asked, for the tiny models; and the numbers of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.questions import (
    CrossAttention,
    JointFilling,
    LogitLens,
    NextToken,
    PartAblation,
    PartMoves,
    PositionVectors,
    TargetComparison,
    TextPair,
    TokenSurprisal,
    WindowedText,
    WordAttribution,
    WritingWithout,
)
from core.results import Norms
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner

IDS = (2, 61, 72, 4, 83, 4, 3)
WITHOUT = PartAblation(IDS, 3, mean=True)
DEEPER = [WordAttribution(IDS, ((1,), (2, 4)), 3, 61, 72, (83,)), TokenSurprisal(IDS, ((1,), (2, 4)), 4, 2)]
TEXTS = ["good", "The cat sat on the mat.", "i love this film! very good"]
QUESTIONS: list[tuple[str, str, list[Any]]] = [
    ("sentiment", "bert-classifier", TEXTS),
    (
        "sentiment",
        "distilbert-classifier",
        [
            *TEXTS,
            WindowedText((IDS, IDS[1:]), (5, 4)),
            WordAttribution(IDS, ((1,), (2, 4))),
            WordAttribution(IDS, ((1,), (2, 4)), answer="A", rather=2),
            WITHOUT,
        ],
    ),
    (
        "unmask",
        "bert-masked-lm",
        [("the [MASK] sat on [MASK].", 5), ("[MASK]!", 3), LogitLens(IDS, (3, 5)), WITHOUT, *DEEPER],
    ),
    ("unmask", "roberta-masked-lm", [("the <mask> sat on the mat.", 5), ("<mask>", 3)]),
    (
        "unmask",
        "distilbert-masked-lm",
        [JointFilling(IDS, (3, 5)), TargetComparison((2, 61), (72, 3), 4, ((63,), (64, 65)))],
    ),
    (
        "causal",
        "gpt2",
        [
            NextToken(IDS, 5),
            LogitLens(IDS, (6,)),
            WITHOUT,
            WordAttribution(IDS, ((1,), (2, 4)), 6, rather=61),
            TokenSurprisal(IDS, ((1,), (2, 3)), None, 2),
            TargetComparison(IDS, (), None, ((63,), (64, 65))),
        ],
    ),
    ("attention", "bert-masked-lm", [IDS, IDS[:4], TextPair(IDS, 4), PositionVectors(6), PartMoves(IDS)]),
    ("attention", "gpt2", [IDS, IDS[:4]]),
    (
        "across",
        "bart",
        [
            CrossAttention(IDS, (71, 62, 3), 5),
            CrossAttention(IDS, (), 5),
            PositionVectors(6),
            WritingWithout((IDS, IDS[:3]), 5),
        ],
    ),
    ("across", "t5", [CrossAttention(IDS, (71, 62, 3), 5)]),
]


def numbers(answer: Any) -> list[float]:
    """Every number of an answer, in order."""
    if isinstance(answer, np.ndarray):
        return answer.astype(float).ravel().tolist()
    if isinstance(answer, int | float):
        return [answer]
    if isinstance(answer, Norms):
        return numbers([answer.heads, answer.layers])
    return [number for part in answer for number in numbers(part)] if isinstance(answer, list | tuple) else []


def lowers_scores_but_no_attention_map(device: str, precision: str, models: Path, within: float) -> None:
    """Half precision by setting moves scores by at most `within`, and leaves attention maps as they are."""
    half, exact = DeviceRunner(device, precision=precision), DeviceRunner(device, precision="float32")
    job = Job("sentiment", str(models / "bert-classifier"))
    scores = [[dict(rows) for rows in runner.run(job, TEXTS)] for runner in (half, exact)]
    for one, other in zip(*scores, strict=True):
        assert one == pytest.approx(other, abs=within)
    assert scores[0] != scores[1]
    job = Job("attention", str(models / "bert-masked-lm"))
    (one, _), (other, _) = (runner.run(job, [IDS])[0] for runner in (half, exact))
    assert np.array_equal(one, other)
