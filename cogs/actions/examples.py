"""Examples that run at the press of a button."""

from __future__ import annotations

from cogs.cards.controls import Press
from cogs.requests.answering import answer
from cogs.requests.bot_base import Interaction
from cogs.requests.exercise import answer_exercise
from core.errors import Expired

EXAMPLES = {
    "tokens": "Unbelievable: a naïve café 🤗",
    "attention": "The animal didn't cross the street because it was too tired.",
    "unmask": "Paris is the ___ of France.",
    "sentiment": "The film was not bad at all.",
    "lab": "",
}
"""Texts to try, by command; models read English best. /lab has an example of its own."""


async def run_example(interaction: Interaction, press: Press) -> None:
    """Run an example, for the person who asks."""
    if press.detail not in EXAMPLES:
        raise Expired
    if press.detail == "lab":
        await answer_exercise(interaction, private=True)
    else:
        await answer(interaction, press.detail, EXAMPLES[press.detail], private=True)
