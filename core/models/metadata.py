"""What a model's files say about it, without loading it and without torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.commands import COMMANDS, Command
from core.errors import ModelUnavailable
from core.models.architectures import (
    CAUSAL,
    CLASSIFIERS,
    ENCODER_DECODER_SUFFIXES,
    MASKED,
    Kind,
    has_architecture,
    kind_of,
)
from core.models.config_file import HEADS, LAYERS, UnusableFile, read_config, read_small
from core.models.weights import LOADED, sizes
from core.results import ProblemType

WITHOUT_ATTENTION_MAPS = frozenset(
    "big_bird fnet longformer led mamba mamba2 falcon_mamba reformer rwkv nystromformer yoso mra canine funnel "
    "bamba jamba lfm2 lfm2_moe nemotron_h qwen3_next recurrent_gemma zamba zamba2".split()
)
"""Types of models that give no weight for each pair of tokens in each layer: another mixing, none, windows and blocks,
or attention in some layers only."""

SENTENCEPIECE = ("tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model")
"""What families call the file of a SentencePiece vocabulary."""

TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", *SENTENCEPIECE)
"""Files that a tokenizer can be read from, if nothing else is missing: see `missing_for_tokenizer`."""

LICENCE = re.compile(r"^(license|license_name):[ \"']*([\w.+-]{1,40})[\"' ]*$", re.MULTILINE)
"""In the head of a card, which is YAML."""


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """What is known of a model beforehand.

    Attributes:
        commands: The commands that it can answer.
        family: Its type, such as ``bert``; empty for a tokenizer alone.
        kind: How it reads a text.
        licence: As its card calls it, such as ``apache-2.0``; empty where there is no card.
        weights: Bytes of its weights, as far as they are on the disk.
        width: Bytes of one weight there, on average; before they are on the disk, as the configuration says.
        layers: How many layers its attention maps have at most; 0 where that is not known, or where it has two stacks.
        heads: The same of heads in each layer.
        missing: The file or package without which its tokenizer cannot be read; empty if there is all.
        unusable: The file, and perhaps the field in it, that says what cannot be; empty if there is none.
    """

    commands: frozenset[Command]
    family: str = ""
    kind: Kind = ""
    licence: str = ""
    weights: int = 0
    width: float = LOADED
    layers: int = 0
    heads: int = 0
    missing: str = ""
    unusable: str = ""

    def memory(self, weights: int | None = None) -> int:
        """About how many bytes it takes when it is loaded, if it had so many bytes of weights on the disk."""
        return int((self.weights if weights is None else weights) * LOADED / self.width)


def read_metadata(folder: Path) -> ModelMetadata:
    """Read the configuration in a folder.

    Where it does not say what the model was trained for, loading it will tell, as it will for attention weights.
    """
    try:
        config = read_config(folder / "config.json")
        read_config(folder / "tokenizer_config.json")
    except UnusableFile as error:
        return ModelMetadata(frozenset(), unusable=error.where)
    commands: set[Command] = {"tokens"} if any((folder / name).is_file() for name in TOKENIZERS) else set()
    if commands and config:
        commands |= _trained_for(config)
    width = 2 if str(config.get("dtype") or config.get("torch_dtype")).endswith("float16") else LOADED
    weights, loaded = sizes(folder, width)
    return ModelMetadata(
        frozenset(commands),
        family=str(config.get("model_type", "")),
        kind=kind_of(config),
        licence=_licence(folder / "README.md"),
        weights=weights,
        width=LOADED * weights / loaded if loaded else width,
        layers=_count(config, LAYERS),
        heads=_count(config, HEADS),
        missing=missing_for_tokenizer(folder),
    )


def missing_for_tokenizer(folder: Path) -> str:
    """The file or package without which transformers cannot read the tokenizer in a folder; empty if there is all."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set[str]()
    if names & {"tokenizer.json", "vocab.txt"}:
        return ""
    if names & {"vocab.json", "merges.txt"}:
        told = "tokenizer_class" in read_config(
            folder / "tokenizer_config.json"
        )  # else the configuration tells whose it is
        parts = ("vocab.json", "merges.txt", *(() if told else ("config.json",)))
        return next((part for part in parts if part not in names), "")
    if names & {*SENTENCEPIECE}:
        packages = {"sentencepiece": "sentencepiece", "protobuf": "google.protobuf"}
        return next((f"{name} (PyPI)" for name, module in packages.items() if not _installed(module)), "")
    return "tokenizer.json"


def lacks_for_tokenizer(model: str, missing: str) -> ModelUnavailable:
    """The refusal of a model, by its name, without whose missing file or package its tokenizer cannot be read."""
    return ModelUnavailable(
        "The tokenizer of {model} cannot be read without {missing}: ask the bot's host to add that.",
        model=model,
        missing=missing,
    )


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


def _count(config: Mapping[str, Any], names: Sequence[str]) -> int:
    counts = [] if config.get("is_encoder_decoder") else [config[name] for name in names if name in config]
    return max(0, counts[0]) if counts and type(counts[0]) is int else 0


def _trained_for(config: dict[str, Any]) -> set[Command]:
    if not config.get("architectures"):
        return set(COMMANDS)
    whole = not config.get("is_encoder_decoder") or has_architecture(config, ENCODER_DECODER_SUFFIXES)
    fits: dict[Command, bool] = {
        "sentiment": has_architecture(config, CLASSIFIERS),
        "unmask": has_architecture(config, (*MASKED, *CAUSAL)),
        "write": has_architecture(config, CAUSAL),
        "attention": config.get("model_type") not in WITHOUT_ATTENTION_MAPS and whole,
    }
    return {command for command, does in fits.items() if does}


def problem_type(config: Mapping[str, Any]) -> ProblemType:
    """What the numbers of a classifier are, as `TextClassificationPipeline.postprocess` decides by the same values.

    A label without another one to weigh it against gets a sigmoid there, as labels do that are judged on their own.
    """
    said, labels = config.get("problem_type"), config.get("id2label")
    alone = len(labels) == 1 if labels else config.get("num_labels") == 1
    if said == "regression":
        return said
    if said == "multi_label_classification" or alone:
        return "multi_label_classification"
    return "single_label_classification"


def _licence(card: Path) -> str:
    """The licence that the head of a model's card names."""
    try:
        head = read_small(card).removeprefix("---\n").partition("\n---")[0]
    except (OSError, ValueError):
        return ""
    named: dict[str, str] = dict(LICENCE.findall(head))
    return named.get("license_name") or named.get("license", "")
