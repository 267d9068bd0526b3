"""Which texts of a batch share a forward pass, and how they lie in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Row = dict[str, Tensor]
"""One tokenised text: ``input_ids`` ``(1, N)``, and what else its model wants."""

FIRST = {"bert": 0, "camembert": 1, "distilbert": 0, "electra": 0, "roberta": 1, "xlm-roberta": 1}
"""Families that read texts one after the other in one row: 1 where positions count from the padding's id plus 1."""

TOGETHER = 512
"""Tokens in one row. The mask that keeps texts apart costs 5 % of a pass at 256 tokens and 20 % at 1,000 (CPU)."""

ALIKE = 1.25
"""How much longer the longest text of a padded pass may be than the shortest."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Some texts in one forward pass.

    Attributes:
        texts: Their numbers in the batch.
        inputs: What the model gets.
        starts: For each, the row and the column of its first token.
    """

    texts: list[int]
    inputs: dict[str, Tensor]
    starts: list[tuple[int, int]]

    def places(self, wanted: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
        """The row and the column of some tokens of each of its texts; `wanted` has an entry for each of the batch."""
        return [
            [(row, start + token) for token in wanted[text]]
            for text, (row, start) in zip(self.texts, self.starts, strict=True)
        ]


def plan(model: Any, tokenizer: Any, rows: Sequence[Row]) -> Iterator[Pass]:
    """Arrange texts in passes: one after the other where the model can, else padded to about their own length."""
    device, order = model.device, sorted(range(len(rows)), key=lambda text: rows[text]["input_ids"].shape[1])
    flat = model.config.model_type in FIRST and device.type == "cpu"
    for texts in _filled(rows, order) if flat else _alike(rows, order, tokenizer.pad_token is None):
        some = [rows[text] for text in texts]
        if len(some) == 1:
            inputs, starts = dict(some[0]), [(0, 0)]
        elif flat:
            inputs, starts = in_a_row(some, model.config)
        else:
            inputs, starts = _padded(some, tokenizer)
        yield Pass(texts, {name: value.to(device) for name, value in inputs.items()}, starts)


def _filled(rows: Sequence[Row], order: Sequence[int]) -> Iterator[list[int]]:
    """Split texts into parts of at most so many tokens together."""
    part, tokens = list[int](), 0
    for text in order:
        size = rows[text]["input_ids"].shape[1]
        if part and tokens + size > TOGETHER:
            yield part
            part, tokens = [], 0
        part.append(text)
        tokens += size
    yield part


def _alike(rows: Sequence[Row], order: Sequence[int], alone: bool) -> Iterator[list[int]]:
    """Split texts in order of length into parts of about the same length; `alone` if they cannot be padded."""
    part: list[int] = []
    for text in order:
        if part and (alone or rows[text]["input_ids"].shape[1] > ALIKE * rows[part[0]]["input_ids"].shape[1]):
            yield part
            part = []
        part.append(text)
    yield part


def in_a_row(rows: Sequence[Row], config: Any) -> tuple[Row, list[tuple[int, int]]]:
    """Texts one after the other, each counting its own positions and seeing only itself."""
    sizes = torch.tensor([row["input_ids"].shape[1] for row in rows])
    ends = sizes.cumsum(0)
    first = config.pad_token_id + 1 if FIRST[config.model_type] else 0
    text = torch.repeat_interleave(torch.arange(len(rows)), sizes)
    inputs = {name: torch.cat([row[name] for row in rows], dim=1) for name in rows[0] if name != "attention_mask"}
    inputs["position_ids"] = (first + torch.arange(len(text)) - (ends - sizes)[text])[None]
    inputs["attention_mask"] = (text[:, None] == text)[None, None]
    return inputs, [(0, start) for start in (ends - sizes).tolist()]


def _padded(rows: Sequence[Row], tokenizer: Any) -> tuple[Row, list[tuple[int, int]]]:
    """Texts below each other, filled up to the longest."""
    padded = tokenizer.pad([{name: value[0] for name, value in row.items()} for row in rows], return_tensors="pt")
    width = padded["input_ids"].shape[1]
    left = tokenizer.padding_side == "left"
    return padded, [(number, left * (width - row["input_ids"].shape[1])) for number, row in enumerate(rows)]
