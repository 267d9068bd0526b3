"""How a request from the bot becomes a message, or changes one."""

from __future__ import annotations

import re
from typing import Any

from bot.playground.api import rules
from bot.playground.api.components import normalise
from bot.playground.api.rules import Refusal
from bot.playground.api.uploads import attach
from bot.playground.payloads import Json
from bot.playground.world import COMPONENTS_V2, EPHEMERAL, LOADING, Place, Upload, World

SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
SETTABLE = COMPONENTS_V2 | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS  # EPHEMERAL only when a message is created
REPLY_TO_COMMAND = 20  # message type


def blank(world: World, place: Place, author: Json, flags: int = 0, metadata: Json | None = None) -> Json:
    """An empty message; with `metadata` it answers an interaction."""
    message: Json = {
        "id": world.clock.snowflake(),
        "channel_id": place.channel["id"],
        "type": 0,
        "author": author,
        "content": "",
        "timestamp": world.clock.timestamp(),
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "flags": flags,
    }
    if metadata is not None:
        message.update(application_id=author["id"], webhook_id=author["id"], interaction_metadata=metadata)
        if "name" in metadata:
            message["type"] = REPLY_TO_COMMAND
            message["interaction"] = {key: metadata[key] for key in ("id", "type", "name", "user")}
    return message


def revise(world: World, message: Json, body: Json, uploads: dict[int, Upload]) -> Json:
    """Return `message` changed as a request body asks. Nothing is stored: hand the result to `World.put`.

    Raises:
        Refusal: As Discord refuses what breaks its rules.
    """
    loading = bool(message["flags"] & LOADING)
    flags = message["flags"] & ~LOADING | (body.get("flags") or 0) & SETTABLE
    revised = {**message, "flags": flags}
    if "content" in body:
        revised["content"] = body["content"] or ""
    revised["attachments"] = attach(
        world,
        message["attachments"],
        body.get("attachments"),
        uploads,
        channel_id=message["channel_id"],
        base={"ephemeral": True} if flags & EPHEMERAL else {},
    )

    def resolve(url: str, where: str) -> Json:
        return _media(world, revised["attachments"], url, where)

    if "components" in body:
        revised["components"] = normalise(body["components"] or [], resolve)
    if "embeds" in body:
        revised["embeds"] = [_embed(embed, resolve, n) for n, embed in enumerate(body["embeds"] or [])]
    rules.refuse(rules.message_problems(revised))
    shown = ("components",) if flags & COMPONENTS_V2 else ("content", "embeds", "attachments", "components")
    if not any(revised[part] for part in shown):
        raise Refusal(400, 50006, "Cannot send an empty message")
    revised.update(_mentions(world, revised, body.get("allowed_mentions")))
    if message["id"] in world.messages and not loading:
        revised["edited_timestamp"] = world.clock.timestamp()
    return revised


def _media(world: World, attachments: list[Json], url: str, where: str) -> Json:
    scheme, _, name = url.partition("attachment://")
    for attachment in attachments:
        if (not scheme and name == attachment["filename"]) or url == attachment["url"]:
            copied = {key: attachment[key] for key in ("url", "proxy_url", "content_type")}
            size = {key: attachment.get(key) for key in ("width", "height")}
            return {"id": attachment["id"], "attachment_id": attachment["id"], **copied, **size}
    if not url.startswith(("http://", "https://")):
        problem = (where, f"{url} is neither a web address nor the name of an attachment.")
        raise Refusal(400, 50035, "Invalid Form Body", [problem])
    return {"id": world.clock.snowflake(), "url": url, "proxy_url": url}


def _embed(embed: Json, resolve: Any, index: int) -> Json:
    shown: Json = {key: value for key, value in embed.items() if value is not None} | {"type": "rich"}
    for picture in ("image", "thumbnail"):
        if picture in shown:
            media = resolve(shown[picture]["url"], f"embeds.{index}.{picture}.url")
            shown[picture] = {key: media[key] for key in ("url", "proxy_url", "width", "height") if media.get(key)}
    return shown


def _mentions(world: World, message: Json, allowed: Json | None) -> Json:
    """Who a message pings. Without ``allowed_mentions`` Discord pings everyone it names."""
    parts = [part["content"] for _, part in rules.walk(message["components"]) if part["type"] == rules.TEXT]
    text = "\n".join([message["content"], *parts])
    kinds = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    ids = set(map(str, (allowed or {}).get("users") or []))
    named = set(re.findall(r"<@!?(\d+)>", text))
    pinged = [user for user in world.users if user["id"] in named and ("users" in kinds or user["id"] in ids)]
    return {"mentions": pinged, "mention_everyone": "everyone" in kinds and bool(re.search("@(everyone|here)", text))}
