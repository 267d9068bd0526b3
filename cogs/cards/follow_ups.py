"""Which questions a card can offer about its text: those that would not be refused."""

from __future__ import annotations

from collections.abc import Iterator

from cogs.cards.layouts import OTHER_COMMANDS, Layout, source_of
from core import Core
from core.commands import command_of
from core.errors import CoreError
from core.reading.emoji_spacing import has_glued_emoji, space_emoji
from core.results import Result, Tokenization

RESCUE = "rescue"
"""The same command again, with spaces beside emoji."""


def offered_ways(core: Core, layout: Layout, result: Result) -> frozenset[str]:
    """The ways of asking about the text of a result that its card offers; it may cut the text into tokens for that."""
    source = source_of(result) if layout.one_text else None
    return frozenset(_accepted(core, layout, source)) if source else frozenset()


def _accepted(core: Core, layout: Layout, source: Tokenization) -> Iterator[str]:
    came_from = command_of(layout.command)
    ways = {name: (name, source.text) for name in (*OTHER_COMMANDS, *layout.lenses) if name != layout.command}
    if has_glued_emoji(source):
        ways[RESCUE] = layout.command, space_emoji(source.text)
    for name, (way, text) in ways.items():
        try:
            core.check(way, text, core.models.carry_over(command_of(way), source.model, came_from))
        except CoreError:
            continue
        yield name
