"""Every failure becomes exactly one polite answer, and one line in the log that can be found again."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from core.errors import CoreError, describe
from core.language import Language

logger = logging.getLogger(__name__)

GONE = {
    10008: "its message was deleted",
    10015: "nothing was acknowledged, or the time for answers is over",
    10062: "it came after Discord's three seconds",
    40060: "it was answered already",
    50027: "the fifteen minutes for answers are over",
}
"""Discord's codes that say there is nothing left to answer, and why."""

MARK = "⚠️ "
"""Begins every message that refuses or fails, for people and for `bot.playground.ask`."""

OUTDATED = "The bot's commands were updated: reload Discord (Ctrl+R, or restart the app) and try again."


NOT_YOU = "You cannot use this here: ask someone who manages this server."

UNFORESEEN = "Something went wrong inside the bot: try again, and if it stays, tell the bot's host error id {number}."


async def report(interaction: discord.Interaction[Any], error: BaseException, say: Language) -> None:
    """Answer an interaction that failed, in a language. Never raises what Discord makes of the answer."""
    error = getattr(error, "original", error)
    if isinstance(error, discord.HTTPException) and error.code in GONE:
        logger.warning("An interaction could not be answered: %s (%d).", GONE[error.code], error.code)
        return
    try:
        await _answer(interaction, MARK + _sentence(error, say))
    except (discord.HTTPException, aiohttp.ClientError, OSError, RuntimeError) as failure:  # "Session is closed"
        logger.warning("A failure could not be reported: %s", describe(failure))


def _sentence(error: BaseException, say: Language) -> str:
    if isinstance(error, CoreError):
        return say.error(error)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return say(OUTDATED)
    if isinstance(error, app_commands.CheckFailure):
        return say(NOT_YOU)
    number = secrets.token_hex(3)
    logger.error("Error %s: %s", number, describe(error), exc_info=_without_values(error))
    return say(UNFORESEEN, number=number)


def _without_values(error: BaseException) -> Any:
    """The traceback with a bare exception: messages of foreign exceptions may quote what people wrote."""
    return (RuntimeError, RuntimeError(type(error).__name__), error.__traceback__)


async def _answer(interaction: discord.Interaction[Any], sentence: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=True)
        return
    if _answers_a_command(interaction):  # "thinking…" may be public, and what comes after it would be, too
        await interaction.delete_original_response()
    await interaction.followup.send(sentence, ephemeral=True)  # the card that was pressed stays


def _answers_a_command(interaction: discord.Interaction[Any]) -> bool:
    deferred = interaction.response.type
    return deferred is discord.InteractionResponseType.deferred_channel_message
