"""A look inside transformers, as a library: sentiment, masked words, tokens and attention, with pictures.

In a program:

    async with Core.open(CoreSettings.bundled()) as core:
        result = await core.attention("The animal didn't cross the street because it was too tired.")
    show(result, layer=4, head=2).save("attention.svg")

In a notebook, across cells, until ``await core.close()``:

    core = await Core.start(CoreSettings.bundled())
    show(await core.attention("The animal didn't cross the street because it was too tired."), layer=4, head=2)

Attention weights from anywhere need no core:

>>> from core import show
>>> show([[0.9, 0.1], [0.5, 0.5]], ["it", "was"])
<HeadView: <AttentionMap: 1 layer × 1 head · 2 tokens · “it was” · weights as given> · layer 1 · head 1>

Nothing here knows Discord, and importing this loads no torch; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.blocking import BlockingCore
    from core.errors import BadInput, Busy, CoreError
    from core.facade import Core
    from core.lab import parse_exercise
    from core.notebook import Page, interactive, show
    from core.results import AttentionMap
    from core.settings import CoreSettings

__version__ = "0.1.0"

PLACES = {
    "AttentionMap": "core.results",
    "BadInput": "core.errors",
    "BlockingCore": "core.blocking",
    "Busy": "core.errors",
    "Core": "core.facade",
    "CoreError": "core.errors",
    "CoreSettings": "core.settings",
    "Page": "core.notebook",
    "interactive": "core.notebook",
    "parse_exercise": "core.lab",
    "show": "core.notebook",
}
"""Where each public name comes from."""

__all__ = [
    "AttentionMap",
    "BadInput",
    "BlockingCore",
    "Busy",
    "Core",
    "CoreError",
    "CoreSettings",
    "Page",
    "__version__",
    "interactive",
    "parse_exercise",
    "show",
]


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
