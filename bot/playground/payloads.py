"""Discord's objects as JSON, with every field that Discord's API description calls required."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
Reply = tuple[int, Any]  # HTTP status and JSON; None for an empty body

TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")  # what a bot logs in with

SEND_MESSAGES, USE_EXTERNAL_APPS = 1 << 11, 1 << 50  # permission bits
# Everything an ordinary member may do: all of Discord's permission bits except administrator (1 << 3).
PERMISSIONS = str(((1 << 51) - 1) & ~(1 << 3))
ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
JOINED = "2026-01-01T00:00:00+00:00"
LOCALE = "en-US"

EVERYONE: Json = {
    "name": "@everyone",
    **dict.fromkeys(("description", "icon", "unicode_emoji")),
    **dict.fromkeys(("hoist", "managed", "mentionable"), False),
    **dict.fromkeys(("position", "color", "flags"), 0),
    "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    "permissions": PERMISSIONS,
}
"""The role that everybody in a server has, but for its id."""

GUILD_NONE = (
    "icon description home_header splash discovery_splash banner application_id afk_channel_id system_channel_id "
    "widget_channel_id rules_channel_id public_updates_channel_id safety_alerts_channel_id vanity_url_code "
    "max_presences hub_type incidents_data"
)
GUILD_ZERO = (
    "system_channel_flags verification_level default_message_notifications mfa_level nsfw_level "
    "explicit_content_filter premium_tier premium_subscription_count"
)
GUILD: Json = {
    **dict.fromkeys(GUILD_NONE.split()),
    **dict.fromkeys(GUILD_ZERO.split(), 0),
    **dict.fromkeys(("widget_enabled", "premium_progress_bar_enabled", "nsfw"), False),
    "region": "us-west",
    "afk_timeout": 300,
    "preferred_locale": LOCALE,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
}
"""What all servers here have in common."""


def user(id: str, username: str, global_name: str | None) -> Json:
    """A user, as in https://discord.com/developers/docs/resources/user."""
    return {
        "id": id,
        "username": username,
        "global_name": global_name,
        "discriminator": "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "collectibles": None,
        "primary_guild": None,
        "flags": 0,
        "public_flags": 0,
    }


def member(of: Json) -> Json:
    """A user's membership in a server."""
    return {
        "user": of,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [],
        "joined_at": JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "communication_disabled_until": None,
        "flags": 0,
    }


def text_channel(id: str, guild_id: str, name: str) -> Json:
    """A text channel of a server."""
    return {
        "id": id,
        "type": 0,
        "guild_id": guild_id,
        "name": name,
        "topic": None,
        "position": 0,
        "parent_id": None,
        "permission_overwrites": [],
        "nsfw": False,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }


def dm_channel(id: str, with_user: Json) -> Json:
    """The conversation between one user and the bot."""
    return {"id": id, "type": 1, "recipients": [with_user], "last_message_id": None, "flags": 0}


def guild(id: str, name: str, owner_id: str) -> Json:
    """A server with one role, @everyone."""
    lists: Json = {"features": [], "emojis": [], "stickers": []}
    return {**GUILD, **lists, "id": id, "name": name, "owner_id": owner_id, "roles": [{**EVERYONE, "id": id}]}


def guild_create(of: Json, channels: list[Json], members: list[Json], member_count: int) -> Json:
    """What the gateway says about a server that the bot is in."""
    lists = ("threads", "voice_states", "presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds")
    return {
        **of,
        **{name: [] for name in lists},
        "joined_at": JOINED,
        "large": False,
        "unavailable": False,
        "member_count": member_count,
        "members": members,
        "channels": channels,
    }


def application(bot: Json, owner: Json) -> Json:
    """The bot's application, as its owner sees it."""
    urls = ("interactions_endpoint_url", "role_connections_verification_url", "event_webhooks_url")
    return {
        **dict.fromkeys((*urls, "icon", "type", "team")),
        "id": bot["id"],
        "name": bot["username"],
        "description": "",
        "bot": bot,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "owner": owner,
        "redirect_uris": [],
        "integration_types_config": {"0": {}, "1": {}},
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "event_webhooks_status": 1,
        "eligible_oauth2_scopes": [],
    }
