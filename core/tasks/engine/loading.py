"""Loading a model from a folder, and refusing one that would load but answer nonsense."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from core.errors import ModelUnavailable, TooLong, is_failure
from core.tasks.engine.fused_layers import fuse_layers
from core.tasks.engine.packed_linear import pack_linear
from core.tasks.engine.varlen_attention import use_varlen_attention

logger = logging.getLogger(__name__)

POSITIONS = re.compile(r"(^|\.)(?!relative)[a-z_]*(position|wpe)[a-z_]*$")
"""The names of embeddings of absolute positions."""

ROUNDING = 1e-2
"""How far a sum of shares may be off: that of half precision over some hundred tokens."""

PROBE = "The cat sat on the mat."
"""A text that a model with a tokenizer is tried on when it is loaded."""

COUNTED = "counted_positions"
"""Where a model keeps what `count_positions` found: for a short text, looking at every module takes long."""

NEEDLESS = "pooler"
"""What a bare model may lack: it sums a text up after the last layer, and nothing here reads that."""


@contextmanager
def refusing(task: str, folder: str) -> Generator[None]:
    """Let whatever goes wrong with a model, unless it is the device's fault, say so to the host and to users.

    Raises:
        ModelUnavailable: Something went wrong.
    """
    try:
        yield
    except (torch.OutOfMemoryError, torch.AcceleratorError):
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        logger.error("The model in %s cannot be used for %s: %s: %s", folder, task, type(error).__name__, error)
        raise ModelUnavailable(
            "The model set for {task} cannot be used for that: ask the bot's host, who finds the reason in the log.",
            task=task,
        ) from error


def load_model(auto: Any, folder: str, device: str, **options: Any) -> Any:
    """A model in float32 on a device.

    Args:
        auto: The class of transformers that finds out what a folder holds, such as `AutoModelForMaskedLM`.
        folder: Where its files are.
        device: A torch device.
        options: Passed on to `from_pretrained`.

    Raises:
        Exception: The folder has no complete safetensors weights for what `auto` is for, or some are infinite or no
            numbers. What is missing would be random, which for transformers is only a warning; and a pickle can run any
            code when it is read.
    """
    model, found = auto.from_pretrained(
        folder,
        dtype=torch.float32,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
        **options,
    )
    missing = [name for name in found["missing_keys"] if NEEDLESS not in name or auto.__name__ != "AutoModel"]
    if missing:
        raise ValueError(f"it has no weights for {', '.join(sorted(missing)[:3])}")
    if not all(_are_finite(weights) for weights in model.parameters()):
        raise ValueError("its weights are not numbers")
    model = model.eval().to(device)
    if model.device.type == "cpu":
        use_varlen_attention(model)
        fuse_layers(model)
        pack_linear(model)
    return model


def _are_finite(weights: torch.Tensor) -> bool:
    """Whether no weight is infinite or no number. `isfinite` of each would take twenty times as long."""
    return not weights.numel() or all(edge.isfinite() for edge in weights.aminmax())


def check_ids(model: Any, *texts: Sequence[int]) -> None:
    """Refuse token ids that a model has no embeddings for: on a GPU they would poison the device.

    Raises:
        ValueError: It does not know one of them: the tokenizer belongs to another model.
        TooLong: It has not so many positions.
    """
    vocabulary = count_tokens(model)
    positions = count_positions(model)
    for ids in texts:
        if not ids or min(ids) < 0 or max(ids) >= vocabulary:
            raise ValueError("a token that the model has no embedding for")
        if len(ids) > positions:
            raise TooLong(len(ids), positions)


def count_tokens(model: Any) -> int:
    """How many tokens a model has embeddings for."""
    embeddings = model.get_input_embeddings()
    return getattr(embeddings, "num_embeddings", None) or len(embeddings.weight)


def count_positions(model: Any) -> int:
    """The most tokens that a model reads: as many as its configuration says and its position embeddings have rows for.

    Some of those rows may be for no token: families such as RoBERTa count positions from the padding's id plus one,
    and such as BART from an offset.
    """
    if (known := getattr(model, COUNTED, None)) is not None:
        return known
    said = getattr(model.config, "max_position_embeddings", None) or 0
    found = [said] if said > 0 else []  # XLNet, without a limit, says -1
    for name, module in model.named_modules():
        if POSITIONS.search(name) and (weight := getattr(module, "weight", None)) is not None:
            padding = getattr(module, "padding_idx", None)
            found.append(len(weight) - (getattr(module, "offset", 0) if padding is None else padding + 1))
    setattr(model, COUNTED, count := min(found, default=sys.maxsize))
    return count


def padding_of(config: Any) -> int | None:
    """The id that a model knows as padding, if any: a decoder that classifies looks for the last token before it."""
    return config.get_text_config().pad_token_id


def check_shares(weights: torch.Tensor) -> None:
    """Refuse what a model calls attention if it is none: each row must be shares of 1, or of less.

    Raises:
        ValueError: A weight is no number from 0 to 1, or a row sums to more than 1: SqueezeBERT, for one, gives the
            scores before their softmax.
    """
    weights = weights.float()
    if not (weights.min() >= 0 and weights.sum(dim=-1).max() <= 1 + ROUNDING):
        raise ValueError("what it gives as attention weights are no shares")


@torch.inference_mode()
def check_answers(model: Any, **inputs: torch.Tensor) -> None:
    """Try a model on a text: broken weights can make an answer of every text that no probability comes of.

    Raises:
        ValueError: What it answers are no numbers.
    """
    found = model(**{name: tensor.to(model.device) for name, tensor in inputs.items()}).logits
    if not found.isfinite().all():
        raise ValueError("its answers are no numbers")


def probe(model: Any, count: int = 3) -> list[int]:
    """The ids of a text to try a model on: some tokens from its whole vocabulary, the last that a device may know."""
    return torch.linspace(0, count_tokens(model) - 1, count).long().tolist()
