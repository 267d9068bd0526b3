"""The way of a stop, from interaction to card: see `cogs.requests.answering` for that of the commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cogs.cards.audience import Audience
from cogs.cards.question import CardQuestion
from cogs.lessons.asking import results_of
from cogs.lessons.card import NAME, lesson_card
from cogs.lessons.place import Place
from cogs.requests.audience import Hold, audience_of, theme_for
from cogs.requests.bot_base import Interaction
from core.errors import Expired

COPY = {"thinking": True, "ephemeral": True}
"""How to defer what becomes a message for the person who acts."""


async def answer_stop(interaction: Interaction, place: Place, private: bool | None) -> None:
    """Answer a command with the card of a stop."""
    client = interaction.client
    client.track(interaction)
    private = client.private(interaction, private)
    audience = audience_of(interaction, private=private)
    say, stop = client.language(interaction, public=audience == "owned"), place.stop
    text = stop.example(say)
    results = await results_of(interaction, stop, text, thinking=True, ephemeral=private)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    card = await lesson_card(client.core, say, place, text, results, audience)
    await interaction.edit_original_response(content=None, view=card, attachments=card.files())


def text_of(interaction: Interaction, place: Place) -> str:
    """What a stop is about, as the card that was pressed shows it; nothing of one that is about no text.

    Raises:
        Expired: It is no card of that stop.
    """
    asked = CardQuestion.read(interaction.message)
    if asked.way != NAME:
        raise Expired(NAME)
    return asked.text if place.stop.examples else ""


async def show_stop(
    interaction: Interaction,
    place: Place,
    text: str | None = None,
    audience: Audience | None = None,
    *,
    themed: bool = False,
) -> None:
    """Change the card to that of a place, or give a changed copy to a person whom it is not for to change.

    Args:
        interaction: The press, or a form.
        place: Where to go.
        text: What the stop is about; its example if nothing is given.
        audience: Who is to see and change the card from now on, if that is not to stay.
        themed: Whether the theme is what was chosen; a copy is in that of whoever presses otherwise.
    """
    client, hold, card = interaction.client, Hold.of(interaction), interaction.message
    changes = hold.changes and bool(card and card.flags.components_v2)  # a refused form is no card
    deferral = {} if changes else COPY
    if not hold.changes and not themed:
        place = replace(place, theme=theme_for(interaction, place.theme))
    with client.turns.take(card.id if changes and card else interaction.id) as turn:
        about = place.stop.example(hold.say) if text is None else text
        results = await results_of(interaction, place.stop, about, **deferral)
        await client.acknowledgements.defer(interaction, **deferral)
        wanted = audience if audience and hold.audience in ("owned", "open") else hold.audience
        changed = await lesson_card(client.core, hold.say, place, about, results, wanted, hold.shown_by)
        await turn()
        told: dict[str, Any] = {} if changes else {"content": None}  # a copy may have said that a model is loaded
        await interaction.edit_original_response(view=changed, attachments=changed.files(), **told)
