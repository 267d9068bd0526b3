"""Attention of a text, or of what a recipe says that was written in its place."""

from __future__ import annotations

from typing import Any

from cogs.cards.view_state import Look
from cogs.requests.answering import answer
from cogs.requests.host import Interaction
from core.takeaway import recipe


async def attend(interaction: Interaction, text: str, *, model: str = "", private: bool = False, **look: Any) -> None:
    """Answer with the attention of a text; a recipe says itself of which model, and how to look at it."""
    if made := recipe.read(text, interaction.client.core.models):
        text, model, look = made["text"], made["model"], Look.chosen(made)
    await answer(interaction, "attention", text, model=model, private=private, **look)
