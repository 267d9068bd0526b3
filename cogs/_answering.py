"""The one way of a request: refuse what is cheap to refuse, defer, ask the core, answer once."""

from __future__ import annotations

from typing import Any

from cogs._cards import ask
from cogs._host import Interaction
from core.errors import BadInput
from core.facade import COMMANDS, DEEPER


async def answer(interaction: Interaction, command: str, text: str, *, private: bool = False, **options: Any) -> None:
    """Answer a command with its card. Whatever it raises is reported by the caller's error handler.

    Args:
        interaction: A command or a pressed control.
        command: One of `core.facade.COMMANDS` or `DEEPER`.
        text: What the person wrote.
        private: Whether only that person sees the answer.
        options: Options of the command.
    """
    if command not in COMMANDS and command not in DEEPER:
        raise BadInput("That control belongs to an older version of the bot: run the command again.")
    client = interaction.client
    client.begin()
    client.core.check(command, text)
    client.take_turn(interaction)
    await interaction.response.defer(thinking=True, ephemeral=private)
    card = await ask(client.core, command, text, tenant=interaction.guild_id or interaction.user.id, **options)
    await interaction.edit_original_response(view=card, attachments=card.files())
