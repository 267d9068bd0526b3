"""How long the first answer takes: ``python -m benchmarks.start [--times 5]``.

Each command is asked in the terminal by a new process (``attention-bot ask``) of the bundled models, commands in turns.
Printed are seconds until the answer, until the process has ended, and of CPU in the bot and its device's process
together; then where the time of each of these two goes, one step after the other in a process of its own. The first
round, which brings files into memory, does not count.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.chat import spread
from core.models.resolver import BUNDLED

TEXT = "The animal didn't cross the street because it was too tired."
LINES = (f"/attention text:{TEXT}", f"/sentiment text:{TEXT}", f"/unmask text:{TEXT[:-6]}___.", f"/tokens text:{TEXT}")

ASK = f"runner.run(Job('attention', {str(BUNDLED / 'minilm')!r}), [[101, 2009, 102]])"
BOT = {
    "settings, and the device's process is started": "import bot.command_line",
    "discord.py": "import discord",
    "the rest of the bot": "import bot.playing\nfrom bot.client.bot import COGS\nfor name in COGS: __import__(name)",
}
DEVICE = {
    "torch": "import gc; gc.disable()\nimport torch",
    "transformers": "import transformers.utils, transformers.modeling_utils",
    "the device": "from core.serving.devices import make_runner\n"
    "from core.serving.runners import Job\nrunner = make_runner('cpu', 0, 'auto', 4096)",
    "the model and a first answer": ASK,
    "another answer": ASK,
}
"""Steps of a start, by what they bring."""


class Start(NamedTuple):
    """Seconds of one start: until the answer, until the end, and of CPU."""

    answer: float
    end: float
    cpu: float


def start(line: str) -> Start:
    """Ask in a new process.

    Raises:
        CalledProcessError: It was refused.
    """
    began, used = time.perf_counter(), _used()
    command = [sys.executable, "-m", "bot", "ask", line]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout
        answered = began
        for _ in process.stdout:  # where it takes long, what people wait for comes first
            answered = time.perf_counter()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Start(answered - began, time.perf_counter() - began, _used() - used)


def _used() -> float:
    """CPU seconds of all processes that were started here and have ended, and of those that these started."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def steps(of: Mapping[str, str]) -> list[float]:
    """Seconds of each step of a start, in one new process."""
    timed = "\n".join(f"{step}\nmarks.append(time.perf_counter())" for step in of.values())
    code = f"import time\nmarks = [time.perf_counter()]\n{timed}\nprint(*marks)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    marks = [float(mark) for mark in said.split()]
    return [after - before for before, after in pairwise(marks)]


def report(found: Mapping[str, Sequence[Start]]) -> None:
    """Print a row for each command."""
    print("| asked | seconds to the answer | to the end | of CPU |\n|---|---|---|---|")
    for line, starts in found.items():
        columns = (spread(column) for column in zip(*starts, strict=True))
        print(f"| `{line.partition(' ')[0]}` |", " | ".join(columns), "|")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="each command is asked (%(default)s)")
    times = parser.parse_args().times
    found = defaultdict[str, list[Start]](list)
    for count in range(times + 1):
        for line in LINES:
            if (one := start(line)) and count:
                found[line].append(one)
    report(found)
    for name, of in (("The bot", BOT), ("Its device's process, meanwhile", DEVICE)):
        medians = [statistics.median(column) for column in zip(*(steps(of) for _ in range(times)), strict=True)]
        print(f"\n{name}:", ", ".join(f"{step} {1e3 * took:.0f} ms" for step, took in zip(of, medians, strict=True)))


if __name__ == "__main__":
    main()
