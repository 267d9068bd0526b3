"""What attention weights cost to capture, for a model of the size of BERT-base: ``python -m benchmarks.capture``.

CPU time of one thread. All layers as the bot does it (the bare model, no head for masked words), beside the same pass
that keeps one layer only and ends after it, in turn on the same random weights. Then the memory that a text of 512
tokens takes beyond what the loaded model does, weights and norms included; Linux only, from the kernel's own
high-water mark.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel
from transformers.utils import logging

from core.tasks.attention import AttentionTask

LENGTHS = (16, 128, 512)
LAYERS = (1, 6, 12)
ROUNDS = 3
THREADS = 1


class Enough(Exception):
    """The layer that was asked for has run."""


def ids_of(count: int) -> list[int]:
    """As many token ids."""
    return torch.randint(1000, 30_000, (count,), generator=torch.Generator().manual_seed(count)).tolist()


@torch.inference_mode()
def one_layer(model: Any, ids: Sequence[int], layer: int) -> torch.Tensor:
    """The weights of one layer ``(heads, N, N)``, without running those above it."""
    kept: list[torch.Tensor] = []

    def keep(_module: Any, _inputs: Any, output: tuple[torch.Tensor, torch.Tensor]) -> None:
        kept.append(output[1])
        raise Enough

    hook = model.encoder.layer[layer].attention.self.register_forward_hook(keep)
    try:
        model(torch.tensor([ids]))
    except Enough:
        pass
    finally:
        hook.remove()
    return kept[0][0].half()


def milliseconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median CPU time of each way, all run in turn."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            taken[name].append(1000 * (time.process_time() - start))
    return {name: statistics.median(found) for name, found in taken.items()}


def kernel(field: str) -> float:
    """A line of ``/proc/self/status`` in MiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def extra(task: AttentionTask, ids: Sequence[int]) -> float:
    """MiB at the peak of one run beyond what was in use before it."""
    task.run([ids[:16]])
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the high-water mark starts anew
    before = kernel("VmRSS")
    task.run([ids])
    return kernel("VmHWM") - before


def main() -> None:
    """Print the tables."""
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        BertModel(BertConfig()).save_pretrained(folder)
        task = AttentionTask(folder, "cpu")
        model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    print("| tokens | all layers, with norms |", " | ".join(f"layer {layer} only" for layer in LAYERS), "|")
    print("|---|---|" + "---|" * len(LAYERS))
    for count in LENGTHS:
        ids = ids_of(count)
        ways: dict[str, Callable[[], object]] = {"all": lambda ids=ids: task.run([ids])}
        for layer in LAYERS:
            ways[str(layer)] = lambda ids=ids, layer=layer: one_layer(model, ids, layer - 1)
        milliseconds(ways, 1)
        found = milliseconds(ways, ROUNDS)
        print(f"| {count} |", " | ".join(f"{taken:.0f} ms" for taken in found.values()), "|")
    print(f"\nA text of 512 tokens takes {extra(task, ids_of(512)):.0f} MiB beyond the loaded model.")


if __name__ == "__main__":
    main()
