"""How to get a picture again: what was asked, of which model, seen in which way, and with what it was made."""

from __future__ import annotations

import contextlib
import json
import platform
import re
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.lab import MASKED_BELOW, Exercise, parse_exercise
from core.models.registry import ModelRegistry
from core.results import AttentionMap, AttentionRow, WorkedExercise

_OPTION = re.compile(r"(?:^| )(query|key|value|mask|shape|seed):")

LIBRARIES = ("attention-bot", "torch", "transformers", "tokenizers", "numpy", "pillow")


def build_recipe(result: AttentionMap | AttentionRow | WorkedExercise, options: Mapping[str, Any]) -> dict[str, Any]:
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


def spell_exercise(worked: WorkedExercise) -> str:
    """An exercise as options of `/lab`, such as ``query:1 0; 0 1 mask:causal``, which `read_exercise` reads."""
    options = _exercise(worked, lambda number: str(np.float32(number)).removesuffix(".0"))
    for name, instead in (("value", "key"), ("key", "query")):  # what is left out is the other
        if name in options and options[name] == options[instead]:
            del options[name]
    if worked.masked is not None and np.array_equal(worked.masked < MASKED_BELOW, _causal(worked.masked)):
        options["mask"] = "causal"
    return " ".join(f"{name}:{value}" for name, value in options.items())


def read_exercise(text: str) -> Exercise:
    """The exercise that `spell_exercise` wrote.

    Raises:
        BadInput: It is none.
    """
    _, *parts = _OPTION.split(text)
    options = dict(zip(parts[::2], parts[1::2], strict=True))
    seed = options.pop("seed", None)
    return parse_exercise(**options, seed=None if seed is None else int(seed))


def _exercise(worked: WorkedExercise, number: Callable[[float], str] = str) -> dict[str, Any]:
    """An exercise as it is typed."""
    if worked.seed is None:
        found: dict[str, Any] = {name: _typed(getattr(worked, name), number) for name in ("query", "key", "value")}
    else:
        found = {"shape": "{} {}".format(*worked.query.shape), "seed": worked.seed}
    return found if worked.masked is None else {**found, "mask": _typed((worked.masked < MASKED_BELOW).astype(int))}


def _typed(matrix: npt.NDArray[Any], number: Callable[[float], str] = str) -> str:
    return "; ".join(" ".join(map(number, row)) for row in matrix.tolist())


def _causal(scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What a causal mask hides; nothing equals it where there are not as many queries as keys."""
    rows, columns = scores.shape
    return np.triu(np.ones((rows, rows), bool), k=1) if rows == columns else np.zeros(0, bool)
