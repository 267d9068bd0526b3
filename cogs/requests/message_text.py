"""What people see of a message, as text: its words wherever Discord keeps them, and names in the place of ids.

Read from what Discord sends: discord.py keeps no names of those who are mentioned in a forwarded message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeAlias

import discord

from cogs.cards.question import CardQuestion
from cogs.requests.bot_base import Interaction
from core.errors import BadInput, Expired

Json: TypeAlias = Mapping[str, Any]
Names: TypeAlias = Callable[[str, int], str | None]
"""The name of what is mentioned: a role (``@&``) or a channel (``#``), and its id."""

TEXT_DISPLAY = 10

MARKUP = re.compile(
    r"<(?:(?P<sign>@[!&]?|#)(?P<id>\d{15,20})|a?(?P<emoji>:\w+:)\d{15,20}|t:(?P<seconds>-?\d{1,17})(?::(?P<style>\w))?"
    r"|(?P<command>/[^:<>]+):\d{15,20}|id:(?P<place>[\w-]+)(?::\d+)?|(?P<link>https?://[^\s<>]+))>"
)
"""https://discord.com/developers/docs/reference#message-formatting, and a link whose preview is switched off."""

UNKNOWN = {"@": "@unknown-user", "@!": "@unknown-user", "@&": "@unknown-role", "#": "#unknown"}

RESULT_OF_POLL = ("poll_question_text", "victor_answer_text")
"""The fields of a poll's end that people see as they are."""


def read_message(interaction: Interaction, message: discord.Message) -> str:
    """The text of a message that a menu was used on; of a card of this bot the text that it is about.

    Raises:
        BadInput: There is none.
    """
    if message.author.id == interaction.application_id:
        with suppress(Expired):
            return CardQuestion.read(message).text
    data: Any = interaction.data
    guild = interaction.client.get_guild(interaction.guild_id or 0)

    def names(sign: str, id: int) -> str | None:
        known = guild and (guild.get_role(id) if sign == "@&" else guild.get_channel_or_thread(id))
        return known.name if known else None

    text = visible_text(data["resolved"]["messages"][str(message.id)], names)
    if not text.strip():
        raise BadInput("That message has no text to look at: choose one with words in it.")
    return text


def visible_text(message: Json, names: Names = lambda *_: None) -> str:
    """What a message shows, line by line: what it says, forwards, embeds, asks in a poll, and displays.

    Args:
        message: As Discord sends it.
        names: Of the roles and channels that are known here.
    """
    people = {int(user["id"]): _name(user) for user in message.get("mentions", ())}
    seen = (MARKUP.sub(lambda found: _seen(found, people, names), text) for text in _texts(message))
    forwarded = (visible_text(one["message"], names) for one in message.get("message_snapshots", ()))
    return "\n".join(text for text in (*seen, *forwarded) if text.strip())


def _texts(message: Json) -> Iterator[str]:
    content = message.get("content") or ""
    yield content
    only_links = not re.sub(r"https?://\S+", "", content).strip()
    for embed in message.get("embeds", ()):
        if embed.get("type", "rich") in ("rich", "poll_result") or only_links:  # else it previews a link of the text
            yield from _embed(embed)
    if poll := message.get("poll"):
        yield poll["question"].get("text") or ""
        yield from (answer["poll_media"].get("text") or "" for answer in poll["answers"])
    yield from _displays(message.get("components", ()))


def _embed(embed: Json) -> Iterator[str]:
    fields = embed.get("fields", ())
    if embed.get("type") == "poll_result":
        yield from (field["value"] for field in fields if field["name"] in RESULT_OF_POLL)
        return
    yield (embed.get("author") or {}).get("name") or ""
    yield from (embed.get(part) or "" for part in ("title", "description"))
    for field in fields:
        yield from (field["name"], field["value"])
    yield (embed.get("footer") or {}).get("text") or ""


def _displays(components: Any) -> Iterator[str]:
    for component in components:
        if component["type"] == TEXT_DISPLAY:
            yield component["content"]
        yield from _displays(component.get("components", ()))


def _name(user: Json) -> str:
    return (user.get("member") or {}).get("nick") or user.get("global_name") or user["username"]


def _seen(found: re.Match[str], people: Mapping[int, str], names: Names) -> str:
    """What Discord's client shows for a piece of markup."""
    if sign := found["sign"]:
        id = int(found["id"])
        name = people.get(id) if sign in ("@", "@!") else names(sign, id)
        return f"{sign[0]}{name}" if name else UNKNOWN[sign]
    if found["seconds"]:
        return _moment(int(found["seconds"]), found["style"] or "f")
    return found["emoji"] or found["command"] or found["place"] or found["link"]


def _moment(seconds: int, style: str) -> str:
    """A timestamp in UTC: the day, the time, or both. Nothing, where there is no such moment."""
    with suppress(ValueError, OverflowError, OSError):
        when = datetime.fromtimestamp(seconds, UTC)
        day, time = f"{when.day} {when:%B %Y}", f"{when:%H:%M}"
        return {"d": day, "D": day, "t": time, "T": time}.get(style, f"{day} {time}")
    return ""
