"""Which texts of a batch share a forward pass, and how they lie in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from core.tasks.engine.loading import PROBE, padding_of
from core.tasks.engine.padding import Trial, shortened, shuts_out_padding
from core.tasks.engine.varlen_attention import FIRST_POSITIONS, reads_in_row, uses_varlen_attention

EncodedText = dict[str, Tensor]
"""One tokenised text: ``input_ids`` ``(1, N)``, and what else its model wants."""

TOGETHER = 512
"""Tokens in one row. A wider one costs a GPU more, for its mask comes after the products of all with all."""

FEWEST = 16
"""Tokens in a row on a GPU, at least; a power of two in any case, for each new shape may need another kernel loaded."""

STEP = 4
"""On a CPU a text alone is filled up to a multiple of so many tokens: oneDNN compiles products anew for each number."""

ALIKE, ALIKE_ON_GPU = 1.25, 4.0
"""How much longer the longest text of a padded pass may be than the shortest: on a GPU the pass is what costs."""


@dataclass(frozen=True, slots=True)
class ForwardPass:
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


def plan_passes(
    model: Any, tokenizer: Any, rows: Sequence[EncodedText], on_gpu: bool | None = None
) -> Iterator[ForwardPass]:
    """Arrange texts in passes: one after the other where the model can, else padded to about their own length.

    A CPU takes row after row, without any padding, but a text alone with up to three tokens of it: see `STEP`. A GPU
    takes all rows at once: what costs there is the pass.

    Args:
        model: Where they go.
        tokenizer: Its tokenizer.
        rows: The texts.
        on_gpu: Whether that is on a GPU, if the model is not to be asked.
    """
    at_once = model.device.type != "cpu" if on_gpu is None else on_gpu
    for one in _passes(model, tokenizer, rows, at_once):
        yield replace(one, inputs={name: value.to(model.device) for name, value in one.inputs.items()})


def _passes(model: Any, tokenizer: Any, rows: Sequence[EncodedText], on_gpu: bool) -> Iterator[ForwardPass]:
    order = sorted(range(len(rows)), key=lambda text: _size(rows[text]))
    if not reads_in_row(model.config):
        ratio = padded_ratio(model, tokenizer, on_gpu)
        yield from (_padded(rows, texts, tokenizer) for texts in _alike(rows, order, ratio))
    elif on_gpu:
        yield _stacked(rows, _filled(rows, order), model.config)
    else:
        yield from (pack_row(rows, texts, model.config) for texts in _filled(rows, order))


def padded_ratio(model: Any, tokenizer: Any, on_gpu: bool) -> float:
    """How many times as long as the shortest text of a pass the longest may be: 0 where each goes alone."""
    id = tokenizer.pad_token_id
    if id is None or id != padding_of(model.config):
        return 0.0

    def make() -> Trial:
        columns = {name: shortened(values) for name, values in tokenizer(PROBE).items()}
        rows = [
            {name: torch.tensor([row]) for name, row in zip(columns, text, strict=True)}
            for text in zip(*columns.values(), strict=True)
        ]
        beside = _padded(rows, range(len(rows)), tokenizer)
        return Trial(rows, dict(beside.inputs), [start for _, start in beside.starts])

    shut_out = shuts_out_padding(model, tokenizer.padding_side, id, make)
    return (ALIKE_ON_GPU if on_gpu else ALIKE) if shut_out else 1.0


def _size(row: EncodedText) -> int:
    return row["input_ids"].shape[1]


def _filled(rows: Sequence[EncodedText], order: Sequence[int]) -> list[list[int]]:
    """Split texts into parts of at most so many tokens: the longest first, each to where it leaves least room."""
    parts, room = list[list[int]](), list[int]()
    for text in reversed(order):
        size = _size(rows[text])
        part = min((part for part in range(len(parts)) if room[part] >= size), key=room.__getitem__, default=len(parts))
        if part == len(parts):
            parts.append([])
            room.append(TOGETHER)
        parts[part].append(text)
        room[part] -= size
    return parts


def _alike(rows: Sequence[EncodedText], order: Sequence[int], ratio: float) -> Iterator[list[int]]:
    """Split texts in order of length into parts whose longest is at most `ratio` times as long as the shortest."""
    part: list[int] = []
    for text in order:
        if part and _size(rows[text]) > ratio * _size(rows[part[0]]):
            yield part
            part = []
        part.append(text)
    yield part


def pack_row(rows: Sequence[EncodedText], texts: Sequence[int], config: Any, width: int = 0) -> ForwardPass:
    """Texts one after the other, each counting its own positions and seeing only itself; filled up to `width`."""
    some = [rows[text] for text in texts]
    if len(some) == 1 and not width:
        return ForwardPass([*texts], _alone(some[0], config), [(0, 0)])
    sizes = torch.tensor([_size(row) for row in some])
    starts = sizes.cumsum(0) - sizes
    padding = _uncounted(config)
    text = torch.repeat_interleave(torch.arange(len(some)), sizes)
    inputs = {name: torch.cat([row[name] for row in some], dim=1) for name in some[0] if name != "attention_mask"}
    real = inputs["input_ids"][0].ne(padding).long()
    read = real.cumsum(0)
    inputs["position_ids"] = ((read - (read - real)[starts][text]) * real + padding)[None]
    if uses_varlen_attention(config) and not width:
        mask = sizes[None, None, None]
    else:
        filler = (0, max(0, width - len(text)))
        inputs = {
            name: pad(ids, filler, value=padding + 1 if name == "position_ids" else 0) for name, ids in inputs.items()
        }
        text = pad(text, filler, value=-1)
        mask = (text[:, None] == text)[None, None]
    return ForwardPass([*texts], inputs | {"attention_mask": mask}, [(0, start) for start in starts.tolist()])


def _uncounted(config: Any) -> int:
    """The token that is its own position and counts for no other, -1 if there is none: the first position is next."""
    return config.pad_token_id if FIRST_POSITIONS[config.model_type] else -1


def _alone(row: EncodedText, config: Any) -> dict[str, Tensor]:
    """A text alone in its row, filled up with hidden tokens so that others have as many: see `STEP`."""
    size = _size(row)
    more = -size % STEP
    full = _uncounted(config) + 1 + size + more > config.max_position_embeddings
    if not more or full or not uses_varlen_attention(config):
        return dict(row)
    hidden = torch.zeros(1, 1, 1, size + more)
    hidden[..., size:] = -torch.inf
    return {name: pad(ids, (0, more)) for name, ids in row.items() if name != "attention_mask"} | {
        "attention_mask": hidden
    }


def _stacked(rows: Sequence[EncodedText], parts: Sequence[Sequence[int]], config: Any) -> ForwardPass:
    """Rows of texts below each other."""
    longest = max(sum(_size(rows[text]) for text in texts) for texts in parts)
    width = max(FEWEST, 1 << (longest - 1).bit_length())
    laid = [pack_row(rows, texts, config, width) for texts in parts]
    return ForwardPass(
        texts=[text for one in laid for text in one.texts],
        inputs={name: torch.cat([one.inputs[name] for one in laid]) for name in laid[0].inputs},
        starts=[(row, start) for row, one in enumerate(laid) for _, start in one.starts],
    )


def _padded(rows: Sequence[EncodedText], texts: Sequence[int], tokenizer: Any) -> ForwardPass:
    """Texts below each other, filled up to the longest."""
    if len(texts) == 1:
        return ForwardPass([*texts], dict(rows[texts[0]]), [(0, 0)])
    some = [{name: value[0] for name, value in rows[text].items()} for text in texts]
    padded = tokenizer.pad(some, return_tensors="pt")
    width, left = padded["input_ids"].shape[1], tokenizer.padding_side == "left"
    return ForwardPass(
        [*texts], padded, [(number, left * (width - _size(rows[text]))) for number, text in enumerate(texts)]
    )
