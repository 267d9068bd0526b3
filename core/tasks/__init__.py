"""What a device does with a batch, one module for each task.

Torch is loaded only here, in `core.attention` and in `core.serving.runners.device`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Protocol


class Task(Protocol):
    """A loaded model with one thing to do.

    Attributes:
        padding: Counts the tokens that batches are filled up with, for whoever sets it to 0 before a batch.
    """

    padding: int

    def run(self, payloads: Sequence[Any]) -> Sequence[Any]:
        """One plain result for each payload, in order."""
        ...


def _made(place: str, folder: str, device: str) -> Task:
    """A task of a class, whose module is loaded now: each brings another part of transformers, which takes its time."""
    module, name = place.rsplit(".", 1)
    return getattr(import_module(module), name)(folder, device)


TASKS: dict[str, Callable[[str, str], Task]] = {
    "sentiment": partial(_made, "core.tasks.sentiment.SentimentTask"),
    "unmask": partial(_made, "core.tasks.unmask.UnmaskTask"),
    "causal": partial(_made, "core.tasks.causal.CausalTask"),
    "attention": partial(_made, "core.tasks.attention.AttentionTask"),
    "across": partial(_made, "core.tasks.cross_attention.CrossAttentionTask"),
    "lab": partial(_made, "core.tasks.lab.LabTask"),
    "tokenizer": partial(_made, "core.tasks.tokenizer.TokenizerTask"),
}
"""By name; each is made from a model's folder and a torch device."""
