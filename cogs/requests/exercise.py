"""The way of an exercise for /lab: typed numbers in, every step of attention out. No text is read."""

from __future__ import annotations

from typing import Any

from cogs.cards.card import card_of
from cogs.cards.view_state import ViewState
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import Interaction, tenant
from core.lab import parse_exercise


async def answer_exercise(interaction: Interaction, private: bool, theme: str = "", **typed: Any) -> None:
    """Answer with an exercise, worked out: see `core.lab.parse_exercise`. The theme is the person's own if empty."""
    core = interaction.client.core
    interaction.client.track(interaction)
    exercise = parse_exercise(**typed)
    interaction.client.limit_rate(interaction)
    await interaction.client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    worked = await core.lab(exercise, tenant=tenant(interaction))
    state = ViewState(theme="light" if (theme or interaction.client.theme(interaction)) == "light" else "dark")
    say, audience = interaction.client.language(interaction), audience_of(interaction, private=private)
    card = await card_of(core, say, core.keep(worked), worked, state, audience)
    await interaction.edit_original_response(view=card, attachments=card.files())
