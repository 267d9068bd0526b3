"""How a token is drawn, as people type it: checked, spelt on a card, and read back."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.errors import BadInput
from core.results import Sampling

MOST_TEMPERATURE, MOST_TOP_K, MOST_SEED = 5, 1000, 2**32 - 1

DECIMALS = 3
"""Of a temperature and of top-p: what is closer to 0 is 0."""

BOUNDS = {"temperature": MOST_TEMPERATURE, "top_k": MOST_TOP_K, "top_p": 1, "seed": MOST_SEED}
"""The largest of each; the smallest is 0."""

WHOLE = ("top_k", "seed")

_NUMBER = re.compile(r"[0-9]{1,10}([.,][0-9]{0,12})?")
_WHOLE = re.compile(r"[0-9]{1,10}")


def check_sampling(temperature: float = 1.0, top_k: int = 50, top_p: float = 1.0, seed: int = 0) -> Sampling:
    """How a token is drawn.

    Raises:
        BadInput: One of these is out of its bounds.
    """
    for option, value in (("temperature", temperature), ("top_k", top_k), ("top_p", top_p), ("seed", seed)):
        if not (math.isfinite(value) and 0 <= value <= BOUNDS[option]):
            raise _outside(option)
    return Sampling(round(float(temperature), DECIMALS), int(top_k), round(float(top_p), DECIMALS), int(seed))


def read_sampling(typed: Mapping[str, str], before: Sampling | None = None) -> Sampling:
    """The same from what somebody typed, by the name of the option; what is missing or empty is left as it was before.

    Raises:
        BadInput: One is no number, or out of its bounds.
    """
    found: dict[str, Any] = asdict(before or Sampling())
    for option, text in ((name, typed[name].strip()) for name in BOUNDS if name in typed):
        if not text:
            continue
        if not (_WHOLE if option in WHOLE else _NUMBER).fullmatch(text):
            raise _outside(option)
        found[option] = float(text.replace(",", "."))
    return check_sampling(**found)


def spell_sampling(sampling: Sampling) -> str:
    """As options, such as ``temperature:0.8 top_k:40 top_p:0.95 seed:42``; `parse_sampling` reads it."""
    return " ".join(f"{name}:{value:.10g}" for name, value in asdict(sampling).items())


def parse_sampling(spelt: str) -> Sampling:
    """What `spell_sampling` wrote.

    Raises:
        BadInput: It did not write that.
    """
    return read_sampling(dict(re.findall(r"(\w+):(\S+)", spelt)))


def _outside(option: str) -> BadInput:
    most = BOUNDS[option]
    if option in WHOLE:
        return BadInput(
            "`{option}` is a whole number from {least:,} to {most:,}: write one of these.",
            option=option,
            least=0,
            most=most,
        )
    return BadInput("`{option}` is a number from 0 to {most}: write one of these.", option=option, most=most)
