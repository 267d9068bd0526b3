"""A thousand interactions at once, then mixed traffic while things break: ``python -m tests.stress.soak``.

The bot runs as a host starts it, in a process of its own, on the bundled models in a child process; a local Discord
speaks to it over real HTTP and a real WebSocket. Along the way the device's process is killed and the gateway's
connection cut. Exit code 1: an interaction had no answer, or more than one, or was told of a failure of the bot's or
the device's; or a process grew beyond its bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bot.client.errors import MARK, UNFORESEEN, UNHEARD
from bot.playground import Exchange, Limits, LocalDiscord
from bot.playground.api.rules import SELECT, walk
from bot.playground.world import Refused
from core.errors import DeviceFailed
from tests.bot.process import LAUNCH, online, started
from tests.stress.texts import hostile

OBSERVED = LAUNCH.replace("bot.__main__", "tests.stress.observed")
PATIENT = Limits(acknowledge=120, token=900)
"""Everything shares this computer's cores, so waiting longer is no failure here; how long it was is reported."""
ACKNOWLEDGE = 3.0
"""Seconds that Discord itself waits."""
FAILURES = str(DeviceFailed()), UNFORESEEN.partition(":")[0], UNHEARD
"""No answer, though each is one: whoever asked did nothing wrong, and a device that is killed costs them nothing."""
PEOPLE = 8
STORES = 4
"""MiB that kept results and answers to repeats may take each, so that both are full before memory is judged."""
SETTLED, MOST_GROWTH = 1_000, 1.5
"""Answers until a device's process has all that it needs; and how many times what it holds then it may hold at most."""
LATECOMERS, PAUSE = 10, 0.1
"""One for so many who came at once, and the seconds between two of them."""


@dataclass(slots=True)
class Tally:
    """What became of interactions."""

    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def add(self, name: str, exchange: Exchange) -> Exchange:
        """Wait for the answer of an interaction and count it."""
        began = time.monotonic()
        await exchange.first()
        self.waits.append(time.monotonic() - began)
        await exchange.final()
        self.ends.append(time.monotonic())
        finals = [step for step in exchange.steps if step not in ("deferred", "deleted")]  # taken back for a refusal
        if exchange.failed or len(finals) != 1 or exchange.steps.count("deferred") > 1:
            self.wrong.append(f"{name}: {exchange.failed or exchange.steps}")
        said = exchange.message["content"] if exchange.message else ""
        if any(failure in said for failure in FAILURES):
            self.wrong.append(f"{name}: {said}")
        refused = MARK in said
        self.answers["refusals" if refused else "answers"] += 1
        return exchange

    def __str__(self) -> str:
        late = sum(wait > ACKNOWLEDGE for wait in self.waits)
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.answers.items()))
        return (
            f"{counts}; {len(self.wrong)} unanswered, answered twice or failed; "
            f"acknowledged after {_spread(self.waits)} s, {late:,} later than {ACKNOWLEDGE:.0f} s"
        )


def _spread(numbers: Sequence[float], digits: int = 2) -> str:
    """Median, 99 % and worst."""
    row = sorted(numbers)
    median, high, worst = statistics.median(row), row[int(len(row) * 0.99)], row[-1]
    return f"{median:.{digits}f} (median), {high:.{digits}f} (99 %), {worst:.{digits}f} (worst)"


async def burst(local: LocalDiscord, count: int) -> tuple[Tally, Tally]:
    """So many interactions of as many people at the same moment, and others who come while these are answered."""
    tally, later = Tally(), Tally()
    people = [local.world.welcome(f"Person{n}")["id"] for n in range(count)]
    sent = [_asked(local, n, person) for n, person in enumerate(people)]
    answering = asyncio.gather(*(tally.add(name, exchange) for name, exchange in sent))
    others = list[asyncio.Task[Exchange]]()
    while not answering.done() and len(others) < count // LATECOMERS:  # or a busy computer would never see the end
        await asyncio.sleep(PAUSE)
        name, exchange = _asked(local, count + len(others), local.world.welcome(f"Latecomer{len(others)}")["id"])
        others.append(asyncio.create_task(later.add(name, exchange)))
    await asyncio.gather(answering, *others)
    return tally, later


def _asked(local: LocalDiscord, number: int, person: str) -> tuple[str, Exchange]:
    name = ("sentiment", "unmask", "tokens", "attention")[number % 4]
    return name, local.people.command(name, {"text": f"The cat number {number} sat on the [MASK]."}, person)


class Traffic:
    """People who use the bot in every way until the time is over."""

    def __init__(self, local: LocalDiscord, seed: int) -> None:
        self._local, self._random, self.tally = local, Random(seed), Tally()

    async def person(self, name: str, until: float) -> None:
        """One person: command after command, and now and then a control of the newest card."""
        user, card = self._local.world.welcome(name)["id"], None
        while time.monotonic() < until:
            await self._local.until(lambda: self._local.gateway.online)
            try:
                what, exchange = self._act(user, card)
            except Refused:  # the gateway is gone, or the message forgotten
                card = None
                await asyncio.sleep(0.05)
                continue
            await self.tally.add(what, exchange)
            if exchange.message and exchange.message["attachments"] and exchange.message["components"]:
                card = exchange.message
            await asyncio.sleep(self._random.random() * 0.2)

    def _act(self, user: str, card: dict[str, Any] | None) -> tuple[str, Exchange]:
        people, random = self._local.people, self._random
        controls = [part for _, part in walk(card["components"]) if "custom_id" in part] if card else []
        if card and controls and random.random() < 0.5:
            control = random.choice(controls)
            values = [random.choice(control["options"])["value"]] if control["type"] == SELECT else None
            return control["custom_id"], people.press(card["id"], control["custom_id"], values, user)
        name = random.choice(("sentiment", "unmask", "tokens", "attention", "lab", "info", "suggestions"))
        if name == "suggestions":
            return name, people.autocomplete("lab", {"mask": "c"}, "mask", user)
        text = f"{hostile(random)[:60]} and the ___ sat."
        return name, people.command(name, {"text": text} if name not in ("lab", "info") else {}, user)


async def break_things(local: LocalDiscord, figures: Path, seconds: float) -> Counter[str]:
    """Kill the device's process, cut the gateway and ask for a reconnect, twice each, spread over the time.

    The device is killed in the first half: whether its memory comes to rest is seen in the second.
    """
    done: Counter[str] = Counter()
    for kind in ("device", "gateway", "device", "reconnect", "gateway", "reconnect"):
        await asyncio.sleep(seconds / 7)
        if kind == "device":
            os.kill(int(next(iter(_figures(figures)[-1]["devices"]))), signal.SIGKILL)
        elif kind == "gateway":
            local.faults.drop()
        else:
            local.faults.reconnect()
        done[kind] += 1
    return done


def _figures(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def _measured(figures: list[dict[str, Any]]) -> str:
    """Lag and memory of the bot and of the device's process that was the last to start."""
    lags = [one["lag"] * 1000 for one in figures]
    devices = [(one["at"], max(one["devices"].items())) for one in figures if one["devices"]]
    last = devices[-1][1][0]
    bot, device = [(one["at"], one["mib"]) for one in figures], [(at, mib) for at, (pid, mib) in devices if pid == last]
    return (
        f"event loop late by, in each half second at worst, {_spread(lags, 0)} ms; memory of the bot {_course(bot)}; "
        f"of the device's last process {_course(device)}"
    )


def _course(held: Sequence[tuple[float, float]]) -> str:
    """MiB at the start, the median of each quarter, and the slope of the second half, after caches have filled."""
    half, step = held[len(held) // 2 :], -(-len(held) // 4)
    slope, _ = statistics.linear_regression([at / 60 for at, _ in half], [mib for _, mib in half])
    quarters = [statistics.median(mib for _, mib in held[start : start + step]) for start in range(0, len(held), step)]
    row = " → ".join(f"{mib:.0f}" for mib in (held[0][1], *quarters))
    return f"{row} MiB (start, medians of its quarters), {slope:+.2f} a minute in its second half"


def _growth(figures: list[dict[str, Any]], ends: Sequence[float]) -> dict[str, float]:
    """By how much each device's process grew after `SETTLED` answers: its most as a multiple of what it held then.

    Args:
        figures: What was observed.
        ends: When answers were complete, in the seconds of the figures.
    """
    held: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in figures:
        for process, mib in one["devices"].items():
            held[process].append((one["at"], mib))
    grown: dict[str, float] = {}
    for process, row in held.items():
        answered = sorted(end for end in ends if end > row[0][0])
        settled = [mib for at, mib in row if len(answered) >= SETTLED and at > answered[SETTLED - 1]]
        if settled:
            grown[process] = max(settled) / settled[0]
    return grown


async def soak(count: int, seconds: float, seed: int) -> int:
    """Do it all and print what became of it."""
    with tempfile.TemporaryDirectory() as name:
        folder, figures = Path(name), Path(name) / "figures"
        async with LocalDiscord.open(limits=PATIENT) as local:
            chosen = {"DISCORD_TOKEN": local.token, "MODELS": "bundled", "RUNNER": "process", "LOG_LEVEL": "ERROR"}
            watched = {"FIGURES": str(figures), "STORES": str(STORES)}
            async with started(folder, "run", local=local, launch=OBSERVED, **chosen, **watched) as bot:
                await online(bot, local)
                first, later = await burst(local, count)
                print(f"{count:,} at once: {first}")
                print(f"those who came while these were answered: {later}")
                print(_measured(_figures(figures)), flush=True)
                begun = len(_figures(figures))
                traffic, until = Traffic(local, seed), time.monotonic() + seconds
                breaking = asyncio.create_task(break_things(local, figures, seconds))
                await asyncio.gather(*(traffic.person(f"Worker{n}", until) for n in range(PEOPLE)))
                broken = ", ".join(f"{kind} {times}×" for kind, times in (await breaking).items())
                print(f"{seconds:.0f} s of traffic, broken: {broken}: {traffic.tally}")
                print(_measured(_figures(figures)[begun:]))
                ends = [*first.ends, *later.ends, *traffic.tally.ends]
                grown = _growth(_figures(figures), ends)
                loaded = any(one["torch"] for one in _figures(figures))
                held = max(max(one["devices"].values(), default=0.0) for one in _figures(figures))
                grew = ", ".join(f"{times:.2f}" for times in grown.values())
                print(f"devices' processes: at most {held:.0f} MiB; grown after {SETTLED:,} answers to {grew} times")
                bot.terminate()
                log, _ = await bot.communicate()
    wrong = [*first.wrong, *later.wrong, *traffic.tally.wrong]
    wrong += [f"a device's process grew to {times:.2f} times" for times in grown.values() if times > MOST_GROWTH]
    wrong += ["the bot's own process has loaded torch"] if loaded else []
    for line in wrong[:20]:
        print(line)
    if wrong:
        print(log.decode(errors="replace")[-20_000:])
    print(f"soak: {'FAILED' if wrong else 'passed'}, {len(wrong):,} wrong")
    return 1 if wrong else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.soak", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="interactions at once (%(default)s)")
    parser.add_argument("--seconds", type=float, default=600, help="of mixed traffic after that (%(default)s)")
    parser.add_argument("--seed", type=int, default=6, help="of the traffic")
    chosen = parser.parse_args()
    return asyncio.run(soak(chosen.count, chosen.seconds, chosen.seed))


if __name__ == "__main__":
    sys.exit(main())
