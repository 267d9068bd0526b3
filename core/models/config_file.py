"""The JSON files of a model, each field that is read here looked at before it is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from core.errors import ModelUnavailable

MOST = 10**9
"""No model has so many entries, positions or labels."""

SMALL = 8 << 20
"""Bytes of a configuration: those that name thousands of labels or tokens have one or two million."""

LARGEST = 64 << 20
"""Bytes of any other file but weights: a vocabulary of 250,000 entries has at most half of it, with its merges."""

TOKENIZER_OPTIONS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
"""Files that may name tokens beside the vocabulary."""

CONFIGURATIONS = frozenset(("config.json", "model.safetensors.index.json", *TOKENIZER_OPTIONS))
"""Files that have to be `SMALL`."""

LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads")
"""What configurations call the numbers of layers and of heads."""

Check: TypeAlias = Callable[[Any], bool]


class UnusableFile(ValueError):
    """A file of a model says what cannot be.

    Args:
        file: Its name.
        field: Which field; empty where the whole file is not what it should be.
    """

    def __init__(self, file: str, field: str = "") -> None:
        self.where = f"{file} ({field})" if field else file
        super().__init__(self.where)


def unusable(model: str, where: str) -> ModelUnavailable:
    """The refusal of a model, by its name, for what `UnusableFile` says of it."""
    return ModelUnavailable(
        "The model {model} has a file that cannot be used, {file}: ask the bot's host to mend it.",
        model=model,
        file=where,
    )


def no_tokenizer(model: str) -> ModelUnavailable:
    """The refusal of a model, by its name, whose tokenizer is damaged or would do damage."""
    return ModelUnavailable(
        "The model {model} has no tokenizer that can be read: ask the bot's host to choose another.", model=model
    )


def most_bytes(name: str) -> int:
    """The most bytes that a model's file of that name may have to be read at all, if it has no weights."""
    return SMALL if name in CONFIGURATIONS else LARGEST


def whole(least: int, most: int = MOST) -> Check:
    """Whether a value is a whole number within bounds."""
    return lambda value: type(value) is int and least <= value <= most


def limit(value: Any) -> bool:
    """Whether it is a number of tokens, or -1; transformers writes 1e30 for no limit, others -1 or infinity."""
    return type(value) in (int, float) and (value >= 1 or value == -1)


def text(value: Any) -> bool:
    """Whether it is a text of a length that a name may have."""
    return isinstance(value, str) and len(value) <= 200


def texts(value: Any) -> bool:
    """Whether it is a list of names."""
    return isinstance(value, list) and all(map(text, value))


def labels(value: Any) -> bool:
    """Whether it names labels by their numbers."""
    return isinstance(value, dict) and all(
        key.lstrip("-").isdecimal() and (text(name) or type(name) is int) for key, name in value.items()
    )


def counts(value: Any) -> bool:
    """Whether it is a count, or one for each layer, as OpenELM has it."""
    count = whole(0, 100_000)
    return count(value) or (isinstance(value, list) and all(map(count, value)))


FIELDS: Mapping[str, Check] = {
    "architectures": texts,
    "dtype": text,
    "torch_dtype": text,
    "id2label": labels,
    "is_encoder_decoder": lambda value: isinstance(value, bool),
    "max_position_embeddings": whole(-1),  # XLNet, without a limit, says -1
    "model_max_length": limit,
    "model_type": text,
    "n_positions": whole(-1),
    "num_labels": whole(0),
    "pad_token_id": whole(-1),
    "problem_type": text,
    "tokenizer_class": text,
    "vocab_size": whole(1),
    **dict.fromkeys((*LAYERS, *HEADS), counts),
}
"""The fields that are read anywhere here, and what they may say; each may be absent or null."""


def read_config(path: Path) -> dict[str, Any]:
    """What is in a JSON file of a model; nothing if there is none.

    Raises:
        UnusableFile: It is no JSON object, or says in one of `FIELDS` what cannot be.
    """
    try:
        found = parsed(read_small(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise UnusableFile(path.name) from None
    if not isinstance(found, dict):
        raise UnusableFile(path.name)
    for field, allowed in FIELDS.items():
        if found.get(field) is not None and not allowed(found[field]):
            raise UnusableFile(path.name, field)
    return found


def parsed(content: str | bytes) -> Any:
    """What JSON says.

    Raises:
        ValueError: It is none, or none that can be read here, such as thousands of brackets.
    """
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("too deep") from None


def read_small(path: Path) -> str:
    """What is in a text file of a model.

    Raises:
        OSError: It is not there, or cannot be read.
        ValueError: It is no text, too large, or a device or pipe that may never end.
    """
    if path.exists() and (not path.is_file() or path.stat().st_size > SMALL):
        raise ValueError(f"{path.name} is no small file")
    return path.read_text(encoding="utf-8")
