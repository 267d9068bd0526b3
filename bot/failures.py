"""Why a start fails: each reason in one sentence with the fix, and with an exit code of its own."""

from __future__ import annotations

import errno

import aiohttp
import discord

from bot.client.errors import describe_failure
from bot.exit_codes import (
    CONFIGURATION,
    NO_DEVICE,
    NO_MODEL,
    PORT_TAKEN,
    REFUSED,
    UNFORESEEN,
    UNREACHABLE,
    UNUSABLE,
)
from bot.settings import SettingsError
from core.errors import CoreError, DeviceFailed, Misconfigured, ModelUnavailable, NoCluster, NoDevice

PORTAL = "https://discord.com/developers/applications"
NO_TOKEN = (
    "There is no DISCORD_TOKEN: paste the bot's token into .env (attention-bot init writes one), "
    "or try everything without a token: attention-bot play"
)
REJECTED = f"Discord rejected the token: reset it on the Bot page at {PORTAL} and paste the new one into .env."
INTENTS = (
    "Discord refused the intents (4014), though this bot needs no privileged one: install a released version, "
    f"or switch the intents on that a change to it asks for, on the Bot page at {PORTAL}."
)
SHARDS = "The bot is in too many servers for one connection: set SHARDS=0."
RANGE = (
    "Discord refused these shards (4010): above 150,000 servers their number must be a multiple of the one it names."
)
NO_NETWORK = "Discord cannot be reached: check the network connection of this computer, then start again."
DISCORD_DOWN = "Discord has a problem of its own: look at https://discordstatus.com and start again later."
DEVICE = "The models cannot run on the device that is set: attention-bot doctor says why; DEVICE=cpu works everywhere."

UNUSED = "{path} cannot be used ({reason}): choose another, or see that there is room and that this program may use it."

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What writing into an open file fails with; such an error does not know the file."""

GATEWAY_CODES = {
    code: (CONFIGURATION, reason) for code, reason in ((4004, REJECTED), (4010, RANGE), (4011, SHARDS), (4014, INTENTS))
}


class NoToken(SettingsError):
    """There is no token to log in with."""

    def __init__(self) -> None:
        super().__init__(NO_TOKEN)


class PortTaken(CoreError):
    """Another program uses the port."""


class FileDamaged(CoreError):
    """The file of what servers chose cannot be used."""


def explain(error: BaseException) -> tuple[int, str]:
    """The exit code of a failure, and what to tell the host. It never holds a token or what people wrote."""
    match error:
        case SettingsError():
            return CONFIGURATION, str(error)
        case discord.LoginFailure():
            return CONFIGURATION, REJECTED
        case discord.PrivilegedIntentsRequired():
            return CONFIGURATION, INTENTS
        case discord.ConnectionClosed(code=code) if code in GATEWAY_CODES:
            return GATEWAY_CODES[code]
        case discord.DiscordServerError():
            return UNREACHABLE, DISCORD_DOWN
        case discord.HTTPException(status=429):
            return UNREACHABLE, "Discord allows no more starts for now: wait an hour, then start again."
        case discord.ConnectionClosed() | discord.GatewayNotFound() | aiohttp.ClientError():
            return UNREACHABLE, NO_NETWORK
        case OSError(filename=None, errno=number) if number not in DISK:
            return UNREACHABLE, NO_NETWORK
        case OSError(filename=path, strerror=reason):
            return UNUSABLE, UNUSED.format(path=path or "A file", reason=reason)
        case Misconfigured():
            return CONFIGURATION, str(error)
        case NoCluster(reason=reason):
            return UNREACHABLE, reason
        case DeviceFailed() | NoDevice():
            return NO_DEVICE, DEVICE
        case ModelUnavailable():
            return NO_MODEL, str(error)
        case PortTaken():
            return PORT_TAKEN, str(error)
        case FileDamaged():
            return UNUSABLE, str(error)
        case CoreError():
            return REFUSED, str(error)
        case _:
            return (
                UNFORESEEN,
                f"This is a mistake in the bot, please report it with this line: {describe_failure(error)}",
            )
