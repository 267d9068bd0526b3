"""What a device does with a batch, one module for each task.

Torch is loaded only here, in `core.attention` and in `core.serving.runners.device`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from core.tasks.attention import AttentionTask
from core.tasks.causal import CausalTask
from core.tasks.cross_attention import CrossAttentionTask
from core.tasks.lab import LabTask
from core.tasks.sentiment import SentimentTask
from core.tasks.tokenizer import TokenizerTask
from core.tasks.unmask import UnmaskTask


class Task(Protocol):
    """A loaded model with one thing to do.

    Attributes:
        padding: Counts the tokens that batches are filled up with, for whoever sets it to 0 before a batch.
    """

    padding: int

    def run(self, payloads: Sequence[Any]) -> Sequence[Any]:
        """One plain result for each payload, in order."""
        ...


TASKS: dict[str, Callable[[str, str], Task]] = {
    "sentiment": SentimentTask,
    "unmask": UnmaskTask,
    "causal": CausalTask,
    "attention": AttentionTask,
    "across": CrossAttentionTask,
    "lab": LabTask,
    "tokenizer": TokenizerTask,
}
"""By name; each is made from a model's folder and a torch device."""
