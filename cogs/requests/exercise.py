"""The way of an exercise for /lab: typed numbers in, every step of attention out. No text is read."""

from __future__ import annotations

from typing import Any

from cogs.cards.card import card_of
from cogs.cards.view_state import ViewState
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import Interaction, tenant
from core.lab import parse_exercise


async def answer_exercise(interaction: Interaction, private: bool | None, theme: str = "", **typed: Any) -> None:
    """Answer with an exercise, worked out: see `core.lab.parse_exercise`, and for the others `answer`."""
    client, core = interaction.client, interaction.client.core
    client.track(interaction)
    exercise, private = parse_exercise(**typed), client.private(interaction, private)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    worked = await core.lab(exercise, tenant=tenant(interaction))
    state = ViewState(theme="light" if (theme or client.theme(interaction)) == "light" else "dark")
    audience = audience_of(interaction, private=private)
    say = client.language(interaction, public=audience == "owned")
    card = await card_of(core, say, core.keep(worked), worked, state, audience)
    await interaction.edit_original_response(view=card, attachments=card.files())
