"""Whose a card is, and who sees what takes its place: Discord says both with every press, so nothing is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import discord

from cogs.cards.audience import Audience, language_of_open
from cogs.requests.bot_base import Interaction
from core.errors import CoreError
from core.language import Language
from core.render.kit.drawing.palette import Theme


class NotYours(CoreError):
    """A card is to be changed, or shown, by somebody who may not do that."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a press may do to the card that it is about.

    Attributes:
        owner: Whether the card is that of the person who presses: they asked for it or showed it, or see it alone.
        changes: Whether the press changes the card itself; else that person gets a private copy.
        audience: Who sees the card, or the copy.
        say: The language of the card, or of the copy.
        shown_by: The id of the owner of a card that was shown with a button, as `card_of` wants it.
    """

    owner: bool
    changes: bool
    audience: Audience
    say: Language
    shown_by: int = 0

    @classmethod
    def of(cls, interaction: Interaction) -> Self:
        """What a press may do; nothing to a card of which Discord does not say whose it is."""
        client, card = interaction.client, interaction.message
        own, private = client.language(interaction), bool(card and card.flags.ephemeral)
        about = card.interaction_metadata if card else None
        owner = private or bool(about and about.user.id == interaction.user.id)
        opened = language_of_open(card) if card and not private else None
        if not owner and opened is None:
            return cls(owner, False, audience_of(interaction, private=True), own)
        by_button = about and about.type is discord.InteractionType.component and not private
        shown_by = about.user.id if about and by_button else 0
        say = own if private else client.language(interaction, public=True)
        if opened is None:
            return cls(owner, True, audience_of(interaction, private=private), say, shown_by)
        return cls(owner, True, "open", say if owner else client.languages.of(opened), shown_by)


def audience_of(interaction: Interaction, *, private: bool) -> Audience:
    """Who will see the card that an interaction is answered with.

    Args:
        interaction: A command, a press or a form.
        private: Whether the answer is for the person who acts only.
    """
    if interaction.context.dm_channel or _is_muted(interaction):
        return "alone"
    if private:
        return "private" if _may_write(interaction) else "alone"
    return "owned"


def theme_for(interaction: Interaction, theme: Theme) -> Theme:
    """The theme of a card for its owner; for anybody else that in which they read, where it is known."""
    return theme if Hold.of(interaction).owner else interaction.client.own_theme(interaction, theme)


def check_showing(interaction: Interaction) -> None:
    """Refuse to show everybody what only one person sees, where Discord or the server does not want that.

    Raises:
        NotYours: That person may not write there, or not with an app that is theirs alone.
    """
    if _is_muted(interaction):
        raise NotYours(
            "In this server an app that only you added answers only you: ask someone who manages it for the permission "
            "“Use External Apps”."
        )
    if not _may_write(interaction):
        raise NotYours(
            "You cannot write in this channel, so you cannot show anything here: ask again in one where you can."
        )


def _is_muted(interaction: Interaction) -> bool:
    """Whether Discord makes every answer private: the app is there for that person alone, who may not use it aloud."""
    alone = interaction.is_user_integration() and not interaction.is_guild_integration()
    return bool(interaction.guild_id) and alone and not interaction.permissions.use_external_apps


def _may_write(interaction: Interaction) -> bool:
    if not interaction.guild_id:  # Discord tells permissions in servers only
        return True
    in_thread = isinstance(interaction.channel, discord.Thread)
    return interaction.permissions.send_messages_in_threads if in_thread else interaction.permissions.send_messages
