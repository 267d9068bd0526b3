"""What a model's files say about it, without loading it and without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.commands import Command

CLASSIFIERS = ("ForSequenceClassification",)
MASKED = ("ForMaskedLM", "BertForPreTraining", "AlbertForPreTraining")
"""How the classes end that transformers names in a configuration, by what the model was trained for."""

WITHOUT_SQUARES = frozenset(
    "big_bird fnet longformer led mamba mamba2 falcon_mamba reformer rwkv nystromformer yoso mra canine funnel".split()
)
"""Types of models that give no weight for each pair of tokens: another mixing, none, or windows and blocks."""

TOKENIZERS = ("tokenizer.json", "vocab.txt")
"""Files that `core.tokens` can read a tokenizer from."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model beforehand.

    Attributes:
        commands: The commands that it can answer.
        family: Its type, such as ``bert``; empty for a tokenizer alone.
    """

    commands: frozenset[Command]
    family: str = ""


def read(folder: Path) -> Facts:
    """Read the configuration in a folder; one that is missing or damaged tells nothing.

    A model of an unknown type may still turn out to give no attention weights when it is loaded.
    """
    config = _json(folder / "config.json")
    commands: set[Command] = {"tokens"} if any((folder / name).is_file() for name in TOKENIZERS) else set()
    classes = [str(name) for name in config.get("architectures") or ()]
    if commands and classes:
        if any(name.endswith(CLASSIFIERS) for name in classes):
            commands.add("sentiment")
        if any(name.endswith(MASKED) for name in classes):
            commands.add("unmask")
        if config.get("model_type") not in WITHOUT_SQUARES and not config.get("is_encoder_decoder"):
            commands.add("attention")
    return Facts(frozenset(commands), str(config.get("model_type", "")))


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
