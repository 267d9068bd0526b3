"""*Edit*, below a refusal: a form with what was typed, which asks the same again when it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import AppCommandOptionType, app_commands, ui

from cogs.cards.controls.items import Press
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.typed import TYPED, Typed
from core.errors import BadInput, Expired

FIELDS = 5
"""The most that Discord allows in a form."""

LONGEST = 4000
"""Characters that Discord allows in a field."""

SHORT = 100
"""Characters of an option, such as a name, that has one line in a form."""

AppCommand = app_commands.Command[Any, ..., Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: what is in it, the most characters that it takes, and whether it may be left empty."""

    name: str
    text: str
    longest: int = LONGEST
    required: bool = True


async def open_typed(interaction: Interaction, press: Press) -> None:
    """Open a form with what was refused; its detail says what sending it does."""
    action, _, detail = press.detail.partition(".")
    typed = Typed.read(interaction.message, f"{action}:{press.key}:{detail}")
    if action == "edited":
        fields = _fields(_command(interaction.client, detail), typed)
    else:
        fields = [Field(name, text) for name, text in typed.texts.items()]
    form = ui.Modal(title=interaction.client.language(interaction)("Edit"), custom_id=typed.form)
    for one in fields:
        style = discord.TextStyle.short if one.longest <= SHORT else discord.TextStyle.paragraph
        longest = min(LONGEST, max(one.longest, len(one.text)))
        box = ui.TextInput[ui.Modal](style=style, default=one.text[:LONGEST], max_length=longest, required=one.required)
        form.add_item(ui.Label(text=one.name, component=box))
    await interaction.response.send_modal(form)
    form.stop()  # discord.py need not remember it: whoever sends it, however late, is answered by its custom_id


async def run_edited(interaction: Interaction, press: Press) -> None:
    """Run a command that was refused with what was changed; whatever was not in the form stays as it was."""
    command = _command(interaction.client, press.detail)
    typed = Typed.read(interaction.message, f"{press.action}:{press.key}:{press.detail}")
    fields = _fields(command, typed)
    if len(fields) != len(press.values):
        raise Expired
    said = {one.name: text for one, text in zip(fields, press.values, strict=True)}
    written = {name: said.get(name, text) for name, text in typed.texts.items()}
    typed = replace(typed, texts={name: text for name, text in written.items() if text})
    interaction.extras[TYPED] = typed  # to be shown if this is refused, too
    typed = replace(typed, options=dict(_options(command, typed, said)))
    interaction.extras[TYPED] = typed
    run: Any = command.callback  # its cog is its first argument
    await run(command.binding, interaction, **_arguments(command, typed))


def _command(client: BotBase, name: str) -> AppCommand:
    """A slash command of the bot.

    Raises:
        Expired: It is no longer there.
    """
    for cog in client.cogs.values():
        for command in cog.get_app_commands():
            if command.name == name and isinstance(command, app_commands.Command):
                return command
    raise Expired


def _fields(command: AppCommand, typed: Typed) -> list[Field]:
    """What can be changed of a command that was typed: its texts, then its numbers, as many as a form has room for.

    Raises:
        Expired: Another version of the command had other options.
    """
    known = _by_name(command)
    if not known.keys() >= {*typed.texts, *typed.options}:
        raise Expired
    numbers = [name for name in typed.options if known[name].type is AppCommandOptionType.integer]
    texts = [
        Field(name, text, int(known[name].max_value or LONGEST), known[name].required)
        for name, text in typed.texts.items()
    ]
    return [
        *texts,
        *(Field(name, typed.options[name], len(str(known[name].max_value)), required=False) for name in numbers),
    ][:FIELDS]


def _by_name(command: AppCommand) -> dict[str, app_commands.Parameter]:
    """The options of a command as people call them: `with` is no name for what Python has of it."""
    return {one.display_name: one for one in command.parameters}


def _options(command: AppCommand, typed: Typed, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The options with those numbers that were changed, and without those that were taken out.

    Raises:
        BadInput: One is no number that the command takes.
    """
    known = _by_name(command)
    for name, value in typed.options.items():
        one, written = known.get(name), said.get(name, value).strip()
        if name not in said:
            yield name, value
        elif one and written:
            least, most = int(one.min_value or 0), int(one.max_value or 0)
            if not written.isdecimal() or not least <= int(written) <= most:
                raise BadInput(
                    "`{option}` is a whole number from {least:,} to {most:,}: write one of these.",
                    option=name,
                    least=least,
                    most=most,
                )
            yield name, str(int(written))


def _arguments(command: AppCommand, typed: Typed) -> dict[str, Any]:
    """What the code of a command takes, given what was typed."""
    known = _by_name(command)
    made: dict[str, Any] = {}
    for name, text in typed.texts.items():
        made[known[name].name] = text.strip() if int(known[name].max_value or LONGEST) <= SHORT else text
    for name, value in typed.options.items():
        match known[name].type:
            case AppCommandOptionType.integer:
                made[known[name].name] = int(value)
            case AppCommandOptionType.number:
                made[known[name].name] = float(value)
            case AppCommandOptionType.boolean:
                made[known[name].name] = value == "True"
            case _:
                made[known[name].name] = value
    return made
