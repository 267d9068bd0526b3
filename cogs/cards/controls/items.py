"""Buttons, selects and forms that go on working: all they need to know is in their custom_id.

A custom_id reads ``action:key:detail``: what to do, the key of the result in `Core.recall`, and details of the action.
There is one way for all of them, so that every failure of a control is reported the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from core.errors import Expired, is_failure

OPTIONS = 25
"""The most that Discord allows in a select."""

NOTHING = "0" * 10
"""The key of a control that is about no kept result."""

TEMPLATE = re.compile(r"(?P<action>[a-z]+):(?P<key>[0-9a-f]{10}):(?P<detail>[\w.-]*)")


@dataclass(frozen=True, slots=True)
class Press:
    """A control that was used, or a form that was sent.

    Attributes:
        action: What to do.
        key: What the result is kept as.
        detail: More about the action.
        values: What was chosen in a select, or written into a form.
    """

    action: str
    key: str
    detail: str
    values: Sequence[str] = ()

    @property
    def value(self) -> str:
        """The one thing that was chosen.

        Raises:
            Expired: Nothing was, which no card of this version allows.
        """
        if not self.values:
            raise Expired
        return self.values[0]

    @classmethod
    def parse(cls, custom_id: str, values: Sequence[str] = ()) -> Self:
        """Read a custom_id.

        Raises:
            Expired: It was written by another version.
        """
        if match := TEMPLATE.fullmatch(custom_id):
            return cls(**match.groupdict(), values=values)
        raise Expired


async def perform(interaction: discord.Interaction[Any], custom_id: str, values: Sequence[str] = ()) -> None:
    """Do what a control or a form is for, and report what goes wrong: discord.py would only log it."""
    client = interaction.client
    try:
        client.admit(interaction)
        client.track(interaction)
        press = Press.parse(custom_id, values)
        if press.action not in client.actions:
            raise Expired
        await client.actions[press.action](interaction, press)
    except BaseException as error:
        if not is_failure(error):
            raise
        await client.report(interaction, error)


class Control(ui.DynamicItem[ui.Item[Any]], template=TEMPLATE):
    """A button or select of a card."""

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """Find out what a pressed control is for."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do it."""
        await perform(interaction, self.custom_id, self.item.values if isinstance(self.item, ui.Select) else ())


def written(form: Mapping[str, Any]) -> Iterator[str]:
    """What somebody wrote into the fields of a form, as Discord sends it."""
    if "value" in form:
        yield str(form["value"])
    for part in (*form.get("components", ()), *([form["component"]] if "component" in form else [])):
        yield from written(part)


def custom_ids(components: Sequence[Any]) -> Iterator[str]:
    """Those of all buttons of a message."""
    for component in components:
        if isinstance(component, discord.Button) and component.custom_id:
            yield component.custom_id
        yield from custom_ids(getattr(component, "children", ()))


def button(
    action: str,
    key: str,
    detail: str,
    label: str,
    *,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    disabled: bool = False,
) -> Control:
    """A button."""
    item = ui.Button[Any](label=label, style=style, custom_id=f"{action}:{key}:{detail}", disabled=disabled)
    return Control(item)


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
    return Control(item)
