"""Whether the ports that are set are free, as rows of ``attention-bot doctor``."""

from __future__ import annotations

import socket

from bot.exit_codes import OK, PORT_TAKEN
from bot.host.computer import Found
from bot.loopback import HOST
from bot.settings import Settings


def play(settings: Settings) -> Found:
    """Whether the port of `play` is free."""
    if _is_free(settings.port):
        return f"{settings.port} is free for play", "", OK
    return f"{settings.port} is in use", "only play needs it: stop the other program, or set PLAY_PORT", OK


def metrics(settings: Settings) -> Found:
    """Whether the port for monitoring is free, if there shall be one."""
    if not settings.metrics_port:
        return "no port is set", "", OK
    if _is_free(settings.metrics_port):
        return f"{settings.metrics_port} is free", "", OK
    fix = "stop the other program, if it is not this bot at work already, or set METRICS_PORT to another"
    return f"{settings.metrics_port} is in use", fix, PORT_TAKEN


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True
