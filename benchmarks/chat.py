"""What benchmarks of models share: a model as large as DistilBERT, texts as long as in a chat, and measures."""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoTokenizer, DistilBertConfig, DistilBertForSequenceClassification

TOKENIZER = Path(__file__).parents[1] / "core" / "bundled" / "minilm"


def build(folder: Path) -> None:
    """Save a classifier with random weights: large enough in its head to tell texts apart, and as sure as trained ones.

    Were every third text a close call, no precision but float32 would be used.
    """
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification(DistilBertConfig())
    torch.nn.init.normal_(model.classifier.weight, std=1.0)
    torch.nn.init.constant_(model.classifier.bias[1:], 4.0)
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(TOKENIZER).save_pretrained(folder)


def chat(count: int, seed: int, words: Sequence[str]) -> list[str]:
    """Draw texts of words that are one token each: 18 in the median, at most 512, with the two special ones."""
    drawn = random.Random(seed)
    sizes = [min(510, max(2, round(drawn.lognormvariate(2.8, 0.75)))) for _ in range(count)]
    return [" ".join(drawn.choices(words, k=size)) for size in sizes]


def cpu() -> float:
    """CPU seconds that this process and its children have used: what counts where others use the machine, too."""
    ticks = 0
    for child in multiprocessing.active_children():
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def share(times: Sequence[float], part: float) -> float:
    """A quantile."""
    return sorted(times)[min(len(times) - 1, int(part * len(times)))]


def spread(values: Sequence[float]) -> str:
    """The median to two significant digits at least, and in brackets the least and the most."""
    middle = statistics.median(values)
    digits = max(0, 1 - math.floor(math.log10(middle))) if middle > 0 else 0
    return f"{middle:.{digits}f} [{min(values):.{digits}f}–{max(values):.{digits}f}]"


def options(description: str | None) -> argparse.Namespace:
    """What the command line says: which device, and whether a first look is enough."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu", help="a torch device; cpu if not given")
    parser.add_argument("--short", action="store_true", help="fewer requests, for a first look")
    return parser.parse_args()
