"""Which questions a card can offer about its text: those that would not be refused."""

from __future__ import annotations

from collections.abc import Iterator

from cogs.cards.layout import OTHER_COMMANDS, Layout
from cogs.cards.layouts import source_of
from core import Core
from core.commands import TWO_MODELS, Command, command_of
from core.errors import CoreError
from core.models.registry import ModelRegistry
from core.reading.emoji_spacing import has_glued_emoji, space_emoji
from core.results import AttentionMap, ModelInfo, Result, Tokenization

ABLATIONS = ("ablate_word", "ablate_label")
"""The ways to ask what an answer is without parts of the model."""

MATTERS = "matters"
"""What the model's answer is without the head of an attention map."""

NEED_MORE = ("changed", "attention_row", *TWO_MODELS.values())
"""What is asked about more than a text, such as a head and a token by its place, or a second model."""

RESCUE = "rescue"
"""The same command again, with spaces beside emoji."""


def offered_ways(core: Core, layout: Layout, result: Result) -> frozenset[str]:
    """The ways of asking about the text of a result that its card offers; it may cut the text into tokens for that."""
    source = source_of(result) if layout.one_text else None
    found = frozenset(_accepted(core, layout, source)) if source else frozenset[str]()
    return found | {MATTERS} if _has_answer(core, result) else found


def _accepted(core: Core, layout: Layout, source: Tokenization) -> Iterator[str]:
    came_from = command_of(layout.command)
    ways = {name: (name, source.text) for name in (*OTHER_COMMANDS, *layout.lenses) if name != layout.command}
    if has_glued_emoji(source) and layout.command not in NEED_MORE:
        ways[RESCUE] = layout.command, space_emoji(source.text)
    for name, (way, text) in ways.items():
        way = way.partition("-")[0]
        if _accepts(core, way, text, model_for(core.models, way, source.model, came_from)):
            yield name


def model_for(models: ModelRegistry, way: str, model: ModelInfo, came_from: Command) -> str:
    """The name of the model to ask in some way about the text of a card; see `ModelRegistry.carry_over`.

    What surprises a model is asked of the one whose tokens are seen, also where that is a default, if it can say that.
    """
    command = command_of(way)
    return models.carry_over(command, model, command if way == "surprisal" else came_from)


def ablation_of(core: Core, text: str, model: ModelInfo) -> str:
    """The way to ask a model that has read a text what its answer is without a head; empty if it has none to give."""
    ways = (way for way in ABLATIONS if model in core.models.for_command(command_of(way)))
    return next((way for way in ways if _accepts(core, way, text, model.name)), "")


def _has_answer(core: Core, result: Result) -> bool:
    """Whether a result is the map of one text that looks at itself, and its model can say more about that text."""
    if not isinstance(result, AttentionMap) or not result.is_self_attention or result.signed or result.source.second:
        return False
    return bool(ablation_of(core, result.source.text, result.source.model))


def _accepts(core: Core, way: str, text: str, model: str) -> bool:
    try:
        core.check(way, text, model)
    except CoreError:
        return False
    return True
