"""The one way of a request: refuse what is cheap to refuse, defer, ask the core, answer once."""

from __future__ import annotations

from typing import Any

from cogs.cards.card import ask
from cogs.requests.host import Interaction, tenant
from cogs.requests.progress import progress_notice


async def answer(
    interaction: Interaction, command: str, text: str, *, model: str = "", private: bool = False, **options: Any
) -> None:
    """Answer a command with its card. Whatever it raises is reported by the caller's error handler.

    Args:
        interaction: A command or a pressed control.
        command: A command, or what goes deeper into one: see `core.commands`.
        text: What the person wrote.
        model: Which model to ask; the command's own if empty.
        private: Whether only that person sees the answer.
        options: Options of the command.
    """
    client = interaction.client
    client.begin(interaction)
    client.core.check(command, text, model, read=not client.acknowledgements.crowded)
    client.take_turn(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    say = client.language(interaction)
    async with progress_notice(interaction, command, model):
        card = await ask(client.core, say, command, text, tenant=tenant(interaction), model=model, **options)
    await interaction.edit_original_response(content=None, view=card, attachments=card.files())
