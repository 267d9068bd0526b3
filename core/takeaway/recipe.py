"""How to get a picture again: what was asked, of which model, seen in which way, and with what it was made."""

from __future__ import annotations

import contextlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from core.commands import Command
from core.errors import BadInput
from core.lab import Exercise, parse_exercise
from core.models.registry import ModelRegistry
from core.results import (
    Ablation,
    AttentionMap,
    AttentionRow,
    Explanation,
    LensMap,
    Patching,
    Surprisal,
    TwoFillings,
    TwoMaps,
    TwoSentiments,
    WorkedExercise,
    Written,
)

WHOLE_NUMBERS = ("seed", "heads")
"""The options of an exercise that are not texts."""

OPTIONS = ("query", "key", "value", "mask", "shape", "kind", "against", "scale", "positions", "show", "learned")
"""Those that are, but for the names of its rows."""

_OPTION = re.compile(rf"(?:^|\s)({'|'.join((*OPTIONS, *WHOLE_NUMBERS))}):", re.IGNORECASE)
_NAMES = re.compile(r"(?:^|\s)names:", re.IGNORECASE)

LIBRARIES = ("attention-bot", "torch", "transformers", "tokenizers", "numpy", "pillow")


Repeatable: TypeAlias = (
    Ablation
    | AttentionMap
    | AttentionRow
    | Explanation
    | LensMap
    | Patching
    | Surprisal
    | TwoFillings
    | TwoMaps
    | TwoSentiments
    | WorkedExercise
    | Written
)
"""What there are recipes of."""


def build_recipe(result: Repeatable, options: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be asked to get a result again, and with what it was made.

    Its command is one of Discord's; of what is only a button there, the name of a method of the core.
    """
    made = {"python": platform.python_version(), **_versions()}
    if isinstance(result, WorkedExercise):
        return {"command": "lab", **(result.options or {}), "versions": made}
    source = result.source
    model = {"model": source.model.name, "revision": source.model.revision}
    if isinstance(result, Written):
        written = {**asdict(result.sampling), "written": [token.id for token in result.written]}
        return {"command": "write", "text": result.prompt, **model, **written, **options, "versions": made}
    if isinstance(result, Ablation | Explanation | Surprisal | TwoFillings | TwoSentiments):
        command = result.way
    else:
        command = "unmask" if isinstance(result, LensMap | Patching) else "attention"
    if isinstance(result, TwoFillings | TwoMaps | TwoSentiments):
        _, other = result.models
        model |= {"with": other.name, "with_revision": other.revision}
    return {"command": command, "text": source.text, **model, **options, "versions": made}


def dump_recipe(made: Mapping[str, Any]) -> str:
    """A recipe on one line of ASCII without backticks: nothing in it is Markdown, a mention or a mark of direction."""
    return json.dumps(made).replace("`", "\\u0060")


def parse_recipe(text: str, models: ModelRegistry, command: Command = "attention") -> dict[str, Any]:
    """The recipe that somebody wrote instead of a text for a command; nothing if it is an ordinary text.

    Raises:
        BadInput: It is of another command, damaged, or of another revision of its model.
        ModelUnavailable: Its model is not among those of this bot.
    """
    try:
        made = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    if not isinstance(made, dict) or "command" not in made:
        return {}
    if made["command"] != command:
        raise BadInput("That recipe is of another command: give this one a recipe that it has made.")
    beside = [made.get("with"), made.get("with_revision")] if "with" in made else []
    names = (made.get("text"), made.get("model"), made.get("revision"), *beside)
    if not all(isinstance(name, str) for name in names):
        raise BadInput("That recipe is damaged: copy it again from where it was made.")
    asked = zip(*[iter(names[1:])] * 2, strict=True)
    if any(models.get(command, name).revision != revision for name, revision in asked):
        raise BadInput("That recipe is of another revision of its model than this bot has: its picture would differ.")
    return made


def _versions() -> dict[str, str]:
    """Those of `LIBRARIES` that are installed: this project itself need not be."""
    found: dict[str, str] = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def spell_exercise(worked: WorkedExercise) -> str:
    """An exercise as options of `/lab`, such as ``query:1 0; 0 1 mask:causal``, which `read_exercise` reads."""
    return " ".join(f"{name}:{value}" for name, value in (worked.options or {}).items())


def read_exercise(text: str) -> Exercise:
    """The exercise that `spell_exercise` wrote.

    Raises:
        BadInput: It is none.
    """
    typed, *rest = _NAMES.split(text, maxsplit=1)
    names = "".join(rest).strip()  # come last, and may be any words
    before, *parts = _OPTION.split(typed)
    if before.strip() or not (parts or names):
        known = ", ".join(f"`{name}:`" for name in (*OPTIONS, *WHOLE_NUMBERS, "names"))
        raise BadInput(
            "Begin with an option, such as `query:1 0; 0 1` or `shape:3 4`: there are {options}.", options=known
        )
    options: dict[str, Any] = {}
    for name, value in zip(map(str.casefold, parts[::2]), map(str.strip, parts[1::2]), strict=True):
        if name in options:
            raise BadInput("The option `{option}:` is there twice: leave out one of them.", option=name)
        options[name] = _whole_number(name, value) if name in WHOLE_NUMBERS else value
    return parse_exercise(**options, names=names)


def _whole_number(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInput(
            "What follows `{option}:` is no whole number: write one, such as `{option}:2`.", option=option
        ) from None
