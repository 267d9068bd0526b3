"""Who sees a card and who may change it: its last button says so, to people and, after a restart too, to the bot."""

from __future__ import annotations

from typing import Literal, TypeAlias

import discord

from cogs.cards.controls.items import Control, Press, button, custom_ids
from cogs.cards.view_state import ViewState
from core.errors import Expired
from core.language import Language

Audience: TypeAlias = Literal["alone", "private", "owned", "open"]
"""Nobody else could see the card; nobody else does yet; everybody does, and its owner changes it; everybody may."""

OFFERS = {
    "private": ("show", "Show everyone"),
    "owned": ("open", "Let everyone change it"),
    "open": ("close", "Let nobody else change it"),
}
"""What the card of an audience offers: the action and its label."""


def audience_buttons(say: Language, key: str, state: object, audience: Audience, of: str = "") -> list[Control]:
    """The button with which a card gets another audience, if it can; it holds the language of whoever sees it so.

    Args:
        say: The language of the card.
        key: The key of its result.
        state: How it is looked at; its text goes into the custom_id.
        audience: Who sees it.
        of: Ends the names of the actions, where it is no card of a result.
    """
    if audience not in OFFERS:
        return []
    action, label = OFFERS[audience]
    return [button(f"{action}{of}", key, f"{state}.{say.code}", say(label))]


def state_in(detail: str) -> ViewState:
    """How the card of such a button is looked at.

    Raises:
        Expired: It was written by another version.
    """
    return ViewState.parse(detail.rpartition(".")[0])


def language_of_open(message: discord.Message) -> str | None:
    """The code of the language that a card is kept in while everybody may change it; none of other cards."""
    for custom_id in custom_ids(message.components):
        try:
            press = Press.parse(custom_id)
        except Expired:
            continue
        if press.action.startswith("close"):
            return press.detail.rpartition(".")[2]
    return None
