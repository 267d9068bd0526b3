"""The commands that people start: ``attention-bot run | play | ask | init | doctor | clear | commands``.

Each loads what it needs when it is started: of all that a bot consists of, discord.py and the cogs take longest.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from pathlib import Path

from bot.exit_codes import OK, REFUSED
from bot.host.limits import check_limits
from bot.monitoring.native import without_panics
from bot.settings import Settings, write_example
from core import __version__
from core.serving.devices import open_runners

ASKED = (
    'such as "/attention text:The cat sat layer:2"; where a text itself holds the name of an option and a colon, '
    r'write "layer\:"'
)
EVERY = (
    ("run", "log in to Discord and answer"),
    ("play", "a page that looks like Discord, with the real bot: no token, no network"),
    ("ask", "one command, one answer, in the terminal: no token, no network"),
    ("init", "write .env, with every setting and what it means"),
    ("doctor", "look for what would keep the bot from working, and say how to mend it"),
    ("clear", "take the registered commands off Discord: everywhere, or in DEV_GUILD if that is set"),
    ("commands", "print docs/commands.md, made from the commands themselves"),
)


def main() -> int:
    """Do what the command line says and return the exit code: see `bot.exit_codes`.

    Raises:
        ModuleNotFoundError: A library is not installed.
    """
    chosen = _parser().parse_args()
    try:
        code = _do(chosen)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return REFUSED
    except BrokenPipeError:  # whoever read the output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains of it at the end
        return REFUSED
    except ModuleNotFoundError:
        raise
    except Exception as error:
        from bot.failures import explain
        from bot.monitoring.logs import tell

        code, sentence = explain(error)
        tell(sentence)
        return code


def _do(chosen: argparse.Namespace) -> int:
    if chosen.command == "init":
        write_example(Path(".env"))
        print("Wrote .env: paste the bot's token there after DISCORD_TOKEN=, then start attention-bot doctor.")
        return OK
    if chosen.command == "doctor":
        from bot.host.doctor import examine

        return asyncio.run(examine(as_json=chosen.json))
    if chosen.command == "commands":
        from bot.reference import reference

        print(asyncio.run(reference()), end="")
        return OK
    local = chosen.command in ("play", "ask")
    settings = Settings.load(unread={"DISCORD_TOKEN"} if local else ())
    check_limits(settings.runner)
    with without_panics():
        return _play(chosen, settings) if local else _run(chosen, settings)


def _play(chosen: argparse.Namespace, settings: Settings) -> int:
    """Answer in a local Discord. Devices come first: they load torch while this process loads everything else."""
    devices = open_runners(settings.core(bundled=True))
    from bot.host.room import warn_of_memory
    from bot.monitoring.logs import start_logging
    from bot.playing import ask_once, play

    gc.freeze()  # what was loaded stays: it is looked through for garbage neither while people wait nor at the end
    if chosen.command == "ask":
        start_logging("WARNING", settings.log_format)
        return asyncio.run(ask_once(settings, chosen.line, chosen.out, devices))
    start_logging(settings.log_level, settings.log_format)
    warn_of_memory(settings)
    return asyncio.run(play(settings, devices))


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    from bot.host.room import warn_of_memory
    from bot.monitoring.logs import start_logging
    from bot.running import clear, run

    start_logging(settings.log_level, settings.log_format)
    if chosen.command == "clear":
        return asyncio.run(clear(settings))
    warn_of_memory(settings)
    return asyncio.run(run(settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="attention-bot", description="A Discord bot that looks inside transformers.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name, help=help) for name, help in EVERY}
    made["ask"].add_argument("line", help=ASKED)
    made["ask"].add_argument("--out", type=Path, help="a folder for the pictures")
    made["doctor"].add_argument("--json", action="store_true", help="one JSON document, for programs")
    return parser
