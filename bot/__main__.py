"""``attention-bot``, or ``python -m bot``: what `bot.command_line` does, where the libraries for that are installed."""

from __future__ import annotations

import sys

from bot.exit_codes import CONFIGURATION
from bot.host.memory_limits import too_little_memory

MISSING = "{name} is not installed, which the bot needs beside the library: pip install 'attention-bot[bot]'"


def main() -> int:
    """Do what the command line says and return the exit code: see `bot.exit_codes`."""
    if too_little := too_little_memory():
        return _refuse(too_little)
    try:
        from bot import command_line

        return command_line.main()
    except ModuleNotFoundError as error:
        return _refuse(MISSING.format(name=error.name))


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return CONFIGURATION


if __name__ == "__main__":
    sys.exit(main())
