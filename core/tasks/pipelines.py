"""Real `transformers` pipelines, driven stage by stage so that several texts share one forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import pipeline

from core.errors import ModelUnavailable

Pipeline = Any
"""A `transformers.Pipeline`: the annotations of its stages do not fit what they take and give."""


def load_pipeline(task: str, folder: str, device: str) -> Pipeline:
    """The pipeline of a model on disk.

    Raises:
        ModelUnavailable: The folder has no safetensors weights for this task.
    """
    make: Any = pipeline  # its overloads want each task as a literal
    try:
        return make(
            task,
            model=folder,
            device=device,
            dtype="float32",
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(
            f"The model set for {task} cannot do that or has no safetensors weights: ask the bot's host."
        ) from error


def forward(loaded: Pipeline, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run texts as one padded batch; yields what the pipeline's `postprocess` wants, for each text in order."""
    inputs = [loaded.preprocess(text) for text in texts]
    rows = [{name: value[0] for name, value in row.items()} for row in inputs]
    outputs = loaded.forward(loaded.tokenizer.pad(rows, return_tensors="pt"))
    for number in range(len(texts)):
        yield {name: value[number : number + 1] for name, value in outputs.items()}
