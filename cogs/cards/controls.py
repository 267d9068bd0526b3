"""Buttons and selects that go on working: all they need to know is in their custom_id.

A custom_id reads ``action:key:detail``: what to do, the key of the result in `Core.recall`, and details of the action.
There is one class for all of them, so that every failure of a control is reported the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from core.errors import Expired

OPTIONS = 25
"""The most that Discord allows in a select."""


class Control(ui.DynamicItem[ui.Item[Any]], template=r"(?P<action>[a-z]+):(?P<key>[0-9a-f]{10}):(?P<detail>[\w.-]*)"):
    """A button or select of a card."""

    def __init__(self, item: ui.Item[Any], action: str, key: str, detail: str) -> None:
        super().__init__(item)
        self.action, self.key, self.detail = action, key, detail

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Find out what a pressed control is for."""
        return cls(item, match["action"], match["key"], match["detail"])

    @property
    def values(self) -> Sequence[str]:
        """What was chosen, in a select."""
        return self.item.values if isinstance(self.item, ui.Select) else ()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do it, and report what goes wrong: discord.py would only log it."""
        try:
            interaction.client.admit(interaction)
            interaction.client.track(interaction)
            if self.action not in interaction.client.actions:
                raise Expired
            await interaction.client.actions[self.action](interaction, self)
        except Exception as error:
            await interaction.client.report(interaction, error)


def button(
    action: str, key: str, detail: str, label: str, *, style: discord.ButtonStyle = discord.ButtonStyle.secondary
) -> Control:
    """A button."""
    item = ui.Button[Any](label=label, style=style, custom_id=f"{action}:{key}:{detail}")
    return Control(item, action, key, detail)


def select(
    action: str, key: str, detail: str, placeholder: str, options: Sequence[discord.SelectOption], always: int = 0
) -> Control:
    """A select; of more options than Discord allows, the first `always` and those around the chosen one."""
    kept, others, room = options[:always], options[always:], OPTIONS - always
    chosen = next((n for n, option in enumerate(others) if option.default), 0)
    first = max(0, min(chosen - room // 2, len(others) - room))
    item = ui.Select[Any](
        placeholder=placeholder,
        options=[*kept, *others[first : first + room]],
        custom_id=f"{action}:{key}:{detail}",
    )
    return Control(item, action, key, detail)
