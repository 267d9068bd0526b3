"""Which texts of different lengths may share a forward pass: those of models whose mask shuts padding out.

In some families padding counts, whatever the mask says: as a neighbour in convolutions (ConvBERT) or trigrams
(MobileBERT), where there is no mask at all (FNet), or as a position, to the left of a text (GPT-2). So each model is
tried on a text, alone and padded.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from core.tasks.engine.loading import count_positions, probe

logger = logging.getLogger(__name__)

FOUND = "shut_out_padding"
"""Where a model keeps what was found, by the side and the id of the padding; copies in fewer bits keep it, too."""

CLOSE = 1e-4
"""How far a token's states may be off by rounding, as a share of their norm."""

KEPT = (1, 2, 4)
"""How many tokens shorter texts begin with, before the last one: the token beside the padding differs in its position,
for in one place a saturated softmax may hide what padding does."""

LENGTH = 9
"""Tokens of a text of no words."""

STATES = ("logits", "last_hidden_state", "hidden_states", "encoder_hidden_states", "decoder_hidden_states")
"""What is compared of what models give: all layers, for a head may look at one token, far from the padding."""

Inputs = dict[str, Tensor]


class Trial(NamedTuple):
    """Texts to try a model on.

    Attributes:
        alone: What it gets of each, the longest last.
        beside: What it gets of all, padded.
        starts: The columns where each then begins.
    """

    alone: list[Inputs]
    beside: Inputs
    starts: list[int]


def fill_up(texts: Sequence[Sequence[int]]) -> Inputs:
    """Texts below each other, filled up on the right with token 0: ids and mask, both ``(texts, N)``."""
    longest = max(map(len, texts))
    return {
        "input_ids": torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in texts]),
        "attention_mask": (torch.arange(longest) < torch.tensor([[len(ids)] for ids in texts])).long(),
    }


def share_passes(model: Any, texts: Sequence[Sequence[int]], most: int = sys.maxsize) -> list[list[int]]:
    """Split texts, by their numbers, into parts that `fill_up` may put together: all, or those of each length.

    Args:
        model: Where they go.
        texts: Token ids.
        most: Tokens in a part, with padding, unless one text has more.
    """
    parts: dict[int, list[int]] = {}
    for number, ids in enumerate(texts):
        parts.setdefault(len(ids), []).append(number)
    if len(parts) > 1 and can_fill_up(model):
        parts = {max(parts): [*range(len(texts))]}
    steps = ((part, max(1, most // longest)) for longest, part in parts.items())
    return [part[start : start + step] for part, step in steps for start in range(0, len(part), step)]


def can_fill_up(model: Any) -> bool:
    """Whether texts are the same to a model alone and as `fill_up` puts them together."""

    def make() -> Trial:
        texts = shortened(probe(model, LENGTH))
        return Trial([fill_up([ids]) for ids in texts], fill_up(texts), [0] * len(texts))

    return shuts_out_padding(model, "right", 0, make)


def shortened(row: Sequence[int]) -> list[list[int]]:
    """Some shorter texts with the same end, for models that look for it, and the text itself."""
    return [*([*row[:kept], row[-1]] for kept in KEPT if kept < len(row) - 1), [*row]]


def shuts_out_padding(model: Any, side: str, id: int, make: Callable[[], Trial]) -> bool:
    """Whether a text is the same to a model alone and padded; it is tried once, best while it computes in float32.

    Args:
        model: The model.
        side: Where it is padded, ``left`` or ``right``.
        id: With what.
        make: Gives the texts to try it on.
    """
    found: dict[tuple[str, int], bool] = model.__dict__.setdefault(FOUND, {})
    if (side, id) not in found:
        try:
            found[side, id] = _is_the_same(model, make())
        except (torch.OutOfMemoryError, torch.AcceleratorError):
            raise
        except (IndexError, RuntimeError, TypeError, ValueError):  # it takes no texts of several lengths
            found[side, id] = False
        if not found[side, id]:
            logger.info("Padding changes what %s says: only texts of equal length share a pass.", type(model).__name__)
    return found[side, id]


@torch.inference_mode()
def _is_the_same(model: Any, trial: Trial) -> bool:
    *shorter, longest = (row["input_ids"].shape[1] for row in trial.alone)
    if not shorter or longest > count_positions(model):
        return False  # it cannot be told
    together = [*_states(model, trial.beside)]
    for number, (row, start) in enumerate(zip(trial.alone, trial.starts, strict=True)):
        size = row["input_ids"].shape[1]
        for expected, all_states in zip(_states(model, row), together, strict=True):
            states = all_states[number : number + 1]
            found = states[:, start : start + size] if states.dim() > 2 else states
            if found.shape != expected.shape or not _are_close(found.float(), expected.float()):
                return False
    return True


def _are_close(found: Tensor, expected: Tensor) -> bool:
    return bool(((found - expected).norm(dim=-1) <= CLOSE * expected.norm(dim=-1)).all())


def _states(model: Any, inputs: Inputs) -> Iterator[Tensor]:
    given = {name: tensor.to(model.device) for name, tensor in inputs.items()}
    outputs = model(**given, output_hidden_states=True)
    for name in STATES:
        states = outputs.get(name)
        yield from (states,) if isinstance(states, Tensor) else states or ()
