"""How to get a picture again: what was asked, of which model, seen in which way, and with what it was made."""

from __future__ import annotations

import contextlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy.typing as npt

from core.errors import BadInput
from core.lab import MASKED_BELOW
from core.models.registry import ModelRegistry
from core.results import AttentionMap, WorkedExercise

LIBRARIES = ("attention-bot", "torch", "transformers", "tokenizers", "numpy", "pillow")


def build_recipe(result: AttentionMap | WorkedExercise, options: Mapping[str, Any]) -> dict[str, Any]:
    """What has to be asked to get a result again, and with what it was made."""
    made = {"python": platform.python_version(), **_versions()}
    if isinstance(result, WorkedExercise):
        return {"command": "lab", **_exercise(result), "versions": made}
    source = result.source
    model = {"model": source.model.name, "revision": source.model.revision}
    return {"command": "attention", "text": source.text, **model, **options, "versions": made}


def dump_recipe(made: Mapping[str, Any]) -> str:
    """A recipe on one line of ASCII without backticks: nothing in it is Markdown, a mention or a mark of direction."""
    return json.dumps(made).replace("`", "\\u0060")


def parse_recipe(text: str, models: ModelRegistry) -> dict[str, Any]:
    """The recipe that somebody wrote instead of a text for `/attention`; nothing if it is an ordinary text.

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
    if made["command"] != "attention":
        raise BadInput("That recipe is of another command: give this one a recipe that it has made.")
    names = (made.get("text"), made.get("model"), made.get("revision"))
    if not all(isinstance(name, str) for name in names):
        raise BadInput("That recipe is damaged: copy it again from where it was made.")
    if models.get("attention", made["model"]).revision != made["revision"]:
        raise BadInput("That recipe is of another revision of its model than this bot has: its picture would differ.")
    return made


def _versions() -> dict[str, str]:
    """Those of `LIBRARIES` that are installed: this project itself need not be."""
    found: dict[str, str] = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _exercise(worked: WorkedExercise) -> dict[str, Any]:
    """An exercise as it is typed."""
    if worked.seed is None:
        found: dict[str, Any] = {name: _typed(getattr(worked, name)) for name in ("query", "key", "value")}
    else:
        found = {"shape": "{} {}".format(*worked.query.shape), "seed": worked.seed}
    return found if worked.masked is None else {**found, "mask": _typed((worked.masked < MASKED_BELOW).astype(int))}


def _typed(matrix: npt.NDArray[Any]) -> str:
    return "; ".join(" ".join(map(str, row)) for row in matrix.tolist())
