"""Real `transformers` pipelines, driven stage by stage so that several texts share one forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import AutoTokenizer, pipeline

from core.tasks.loading import load_model, refusing

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
        return make(kind, model=model, tokenizer=tokenizer, device=device)


def forward(loaded: Pipeline, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run texts as one padded batch; yields what the pipeline's `postprocess` wants, for each text in order."""
    inputs = [loaded.preprocess(text) for text in texts]
    if len(texts) == 1 or loaded.tokenizer.pad_token is None:  # with nothing to fill up with, one by one
        yield from map(loaded.forward, inputs)
        return
    rows = [{name: value[0] for name, value in row.items()} for row in inputs]
    outputs = loaded.forward(loaded.tokenizer.pad(rows, return_tensors="pt"))
    for number in range(len(texts)):
        yield {name: value[number : number + 1] for name, value in outputs.items()}
