"""A local Discord: REST, gateway and a web page on loopback, so that the bot runs with no token and no network."""

from bot.playground.clock import Clock, Limits
from bot.playground.exchange import Exchange
from bot.playground.server import LocalDiscord
from bot.playground.world import Refused

__all__ = ["Clock", "Exchange", "Limits", "LocalDiscord", "Refused"]
