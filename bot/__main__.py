"""``attention-bot``, or ``python -m bot``: what `bot.command_line` does, where the libraries for that are installed."""

from __future__ import annotations

import sys

MISSING = "{name} is not installed, which the bot needs beside the library: pip install 'attention-bot[bot]'"


def main() -> int:
    """Do what the command line says and return the exit code: see `bot.failures`."""
    try:
        from bot import command_line
    except ModuleNotFoundError as error:
        print(MISSING.format(name=error.name), file=sys.stderr)
        return 78  # `bot.failures.CONFIGURATION`, which needs the same libraries
    return command_line.main()


if __name__ == "__main__":
    sys.exit(main())
