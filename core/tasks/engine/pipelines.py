"""Real `transformers` pipelines: their own tokenising and answers; in between, several texts share a forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import AutoTokenizer, pipeline

from core.tasks.engine.loading import PROBE, check_answers, check_ids, load_model, refusing
from core.tasks.engine.packing import EncodedText, ForwardPass, padded_ratio, plan_passes
from core.tasks.engine.varlen_attention import reads_in_row

Pipeline = Any
"""A `transformers.Pipeline`: the annotations of its stages do not fit what they take and give."""


def load_pipeline(task: str, kind: str, auto: Any, folder: str, device: str) -> Pipeline:
    """The pipeline of a model on disk.

    Args:
        task: Ours, as in `core.tasks.TASKS`.
        kind: The task as transformers calls it.
        auto: The class that loads models for it.
        folder: Where the model's files are.
        device: A torch device.

    Raises:
        ModelUnavailable: It cannot do that, or has no complete safetensors weights.
    """
    make: Any = pipeline  # its overloads want each task as a literal
    with refusing(task, folder):
        model = load_model(auto, folder, device)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        loaded = make(kind, model=model, tokenizer=tokenizer, device=device)
        (probe,) = encode(loaded, [PROBE])
        check_answers(model, **probe)
        if not reads_in_row(model.config):
            padded_ratio(model, tokenizer, on_gpu=False)  # tried while it computes in float32
        return loaded


def encode(loaded: Pipeline, texts: Sequence[str]) -> list[EncodedText]:
    """Tokenise texts as the pipeline does.

    Raises:
        Exception: The model cannot read one of them: see `check_ids`.
    """
    encoded = loaded.tokenizer(list(texts))  # all at once: `preprocess` takes 20 times as long, one by one
    rows: list[EncodedText] = [
        {name: torch.tensor([values[text]]) for name, values in encoded.items()} for text in range(len(texts))
    ]
    check_ids(loaded.model, *(row["input_ids"][0].tolist() for row in rows))
    return rows


class PipelineTask:
    """A task that a pipeline defines.

    Args:
        pipeline: Its pipeline.
        device: A torch device.
    """

    padding = 0

    def __init__(self, pipeline: Pipeline, device: str) -> None:
        self._pipeline, self._device = pipeline, device

    @property
    def model(self) -> Any:
        """The pipeline's model; another precision of it may take its place."""
        return self._pipeline.model

    @model.setter
    def model(self, model: Any) -> None:
        self._pipeline.model = model

    def _passes(self, rows: Sequence[EncodedText]) -> Iterator[ForwardPass]:
        """What goes through the model of some texts."""
        for one in plan_passes(self.model, self._pipeline.tokenizer, rows):
            self.padding += one.inputs["input_ids"].numel() - sum(rows[text]["input_ids"].numel() for text in one.texts)
            yield one
