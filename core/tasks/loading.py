"""Loading a model from a folder, and refusing one that would load but answer nonsense."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from core.errors import ModelUnavailable, TooLong
from core.tasks.packed_linear import pack_linear
from core.tasks.varlen_attention import use_varlen_attention

logger = logging.getLogger(__name__)

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
    except Exception as error:
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
        Exception: The folder has no complete safetensors weights for what `auto` is for. What is missing would be
            random, which for transformers is only a warning; and a pickle can run any code when it is read.
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
    model = model.eval().to(device)
    if model.device.type == "cpu":
        pack_linear(model)
        use_varlen_attention(model)
    return model


def check_ids(model: Any, *texts: Sequence[int]) -> None:
    """Refuse token ids that a model has no embeddings for: on a GPU they would poison the device.

    Raises:
        ValueError: It does not know one of them: the tokenizer belongs to another model.
        TooLong: It has not so many positions.
    """
    vocabulary = model.get_input_embeddings().num_embeddings
    positions = getattr(model.config, "max_position_embeddings", None) or 0  # XLNet, without a limit, says -1
    for ids in texts:
        if not ids or min(ids) < 0 or max(ids) >= vocabulary:
            raise ValueError("a token that the model has no embedding for")
        if 0 < positions < len(ids):
            raise TooLong(len(ids), positions)
