"""Every failure becomes exactly one polite answer, and one line in the log that can be found again."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
import discord
from discord import app_commands

from cogs.requests.acknowledgement import REFUSALS, is_private
from cogs.requests.typed import Typed
from core.errors import CoreError, describe
from core.language import Language

logger = logging.getLogger(__name__)

Way: TypeAlias = Callable[[discord.Interaction[Any], dict[str, Any]], Awaitable[None]]

GONE = {
    10008: "its message was deleted",
    10015: "nothing was acknowledged, or the time for answers is over",
    10062: "it came after Discord's three seconds",
    40060: "it was answered already",
    50027: "the fifteen minutes for answers are over",
}
"""Discord's codes that say there is nothing left to answer, and why."""

OVER = GONE.keys() - {10008}
"""Those after which nobody can be told anything; where only a message is gone, another can follow."""

MARK = "⚠️ "
"""Begins every message that refuses or fails, for people and for `bot.playground.ask`."""

OUTDATED = "The bot's commands were updated: reload Discord (Ctrl+R, or restart the app) and try again."


NOT_YOU = "You cannot use this here: ask someone who manages this server."

UNHEARD = "Discord did not take the answer: try again in a minute."

UNFORESEEN = "Something went wrong inside the bot: try again, and if it stays, tell the bot's host error id {number}."


async def report(interaction: discord.Interaction[Any], error: BaseException, say: Language) -> None:
    """Answer an interaction that failed, in a language. Never raises what Discord makes of the answer."""
    error = getattr(error, "original", error)
    if _is_gone(error):
        return
    try:
        await _answer(interaction, {"content": MARK + _sentence(error, say), **_typed(interaction, error, say)})
    except REFUSALS as failure:
        logger.warning("A failure could not be reported: %s", describe_failure(failure))


def log_suggestions(record: logging.LogRecord) -> bool:
    """A filter for the logger of discord.py's command tree, which logs itself why it could not suggest anything.

    It would do so with a traceback, also where somebody only types faster than Discord waits.
    """
    error = record.exc_info[1] if record.exc_info else None
    if error and not _is_gone(error):
        _log(error)
    return not error


def describe_failure(error: BaseException) -> str:
    """The same as `describe`, with Discord's numbers: what it says in words may quote what people wrote."""
    if not isinstance(error, discord.HTTPException):
        return describe(error)
    return f"{describe(error)} (status {error.status}, Discord's code {error.code})"


def _is_gone(error: BaseException) -> bool:
    """Whether there is nothing left to answer, which is noted."""
    if not isinstance(error, discord.HTTPException) or error.code not in GONE:
        return False
    logger.warning("An interaction could not be answered: %s (%d).", GONE[error.code], error.code)
    return True


def _sentence(error: BaseException, say: Language) -> str:
    if isinstance(error, CoreError):
        return say.error(error)
    if _is_unheard(error):
        logger.warning("Discord did not take an answer: %s", describe_failure(error))
        return say(UNHEARD)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return say(OUTDATED)
    if isinstance(error, app_commands.CheckFailure):
        return say(NOT_YOU)
    return say(UNFORESEEN, number=_log(error))


def _is_unheard(error: BaseException) -> bool:
    """Whether Discord or the way there failed, however often it was tried, and not the bot."""
    if isinstance(error, discord.HTTPException):
        return error.status == 429 or error.status >= 500
    return isinstance(error, aiohttp.ClientError)


def _typed(interaction: discord.Interaction[Any], error: BaseException, say: Language) -> dict[str, Any]:
    """What was typed, to be kept and edited, if that can mend it."""
    mendable = isinstance(error, CoreError) and error.mendable
    typed = Typed.of(interaction) if mendable else None
    return typed.show(say) if typed else {}


def _log(error: BaseException) -> str:
    """Log the unforeseen; returns the number under which it is found."""
    number = secrets.token_hex(3)
    logger.error("Error %s: %s", number, describe_failure(error), exc_info=_without_values(error))
    return number


def _without_values(error: BaseException) -> Any:
    """The traceback with a bare exception: messages of foreign exceptions may quote what people wrote."""
    return (RuntimeError, RuntimeError(type(error).__name__), error.__traceback__)


async def _answer(interaction: discord.Interaction[Any], said: dict[str, Any]) -> None:
    """Send a message in the best of several ways that Discord lets happen."""
    *others, last = _ways(interaction)
    for way in others:
        try:
            await way(interaction, said)
        except REFUSALS as failure:
            if isinstance(failure, discord.HTTPException) and failure.code in OVER:
                raise
            logger.warning("A failure is reported in another way: %s", describe_failure(failure))
        else:
            return
    await last(interaction, said)


def _ways(interaction: discord.Interaction[Any]) -> tuple[Way, ...]:
    if interaction.type is discord.InteractionType.autocomplete:
        return (_offer_nothing,)
    if not interaction.response.is_done():
        return _reply, _reply
    if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
        return _follow_up, _follow_up  # the card that was pressed stays
    if is_private(interaction):
        return _edit, _follow_up
    return _take_back, _edit, _follow_up


async def _offer_nothing(interaction: discord.Interaction[Any], _: dict[str, Any]) -> None:
    await interaction.response.autocomplete([])


async def _reply(interaction: discord.Interaction[Any], said: dict[str, Any]) -> None:
    await interaction.response.send_message(**said, ephemeral=True)


async def _take_back(interaction: discord.Interaction[Any], said: dict[str, Any]) -> None:
    await interaction.delete_original_response()  # "thinking…" is public, and what comes in its place would be, too
    await _follow_up(interaction, said)


async def _edit(interaction: discord.Interaction[Any], said: dict[str, Any]) -> None:
    await interaction.edit_original_response(**said)


async def _follow_up(interaction: discord.Interaction[Any], said: dict[str, Any]) -> None:
    await interaction.followup.send(**said, ephemeral=True)
