"""Hostile texts through the whole way of every command but for the device: ``python -m tests.stress.fuzz``.

Real interactions through the real tree, tokenizers, pictures and cards; the device answers what it imagines. Exit code
1: something was raised, could have pinged somebody, or was more than Discord takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from bot.playground.api import rules
from core import Core, CoreSettings
from tests.cogs.inprocess import COMPONENTS_V2, Discord, Exchange, Sent
from tests.stress.imagined import ImaginedDevice
from tests.stress.texts import INJECTIONS, hostile

COMMANDS = ("sentiment", "unmask", "write", "tokens", "attention")
PRESSED = ("numbers", "listing", "take", "look", "kind", "layer", "head", "token", "shown", "rescue", "edit")
LOCALES = ("en-US", "de", "es-ES", "fr", "ja")
AWAITED = ["callback 5", "PATCH", "PATCH"]  # who waits for two seconds is told what for: a busy computer is slow
ANSWERED = (
    ["callback 4"],
    *(["callback 5", "PATCH"], AWAITED, ["callback 5", "DELETE", "POST"]),
    *(["callback 6", "PATCH"], ["callback 6", "POST"], ["callback 9"]),
)
FILE_LIMIT = 10 << 20
REPORTED = 5000
FORMATS = re.compile(r"@(everyone|here)|<[@#:/t]|\]\(|https?:|discord\.gg|\|\||<script")


class Errors(logging.Handler):
    """Counts what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.lines.append(record.getMessage())


class Fuzz:
    """Runs cases by number; the same seed and number give the same case."""

    def __init__(self, discord: Discord, errors: Errors, seed: int) -> None:
        self._discord, self._errors, self._seed = discord, errors, seed
        self.answers: Counter[str] = Counter()

    @classmethod
    @asynccontextmanager
    async def open(cls, seed: int) -> AsyncGenerator[Fuzz, None]:
        """With a bot of its own."""
        errors, random = Errors(), Random(seed)
        words = [*INJECTIONS, *(hostile(random)[:50] for _ in range(200))]
        logging.getLogger().addHandler(errors)
        try:
            devices = [ImaginedDevice(words, seed)]
            async with Core.open(CoreSettings.bundled(), devices) as core, Discord(core).logged_in() as discord:
                yield cls(discord, errors, seed)
        finally:
            logging.getLogger().removeHandler(errors)

    async def run(self, number: int) -> list[str]:
        """Run a case and return what is wrong with its answer."""
        random, discord = Random(f"{self._seed}:{number}"), self._discord
        discord.locale = random.choice(LOCALES)
        name, options = _command(random)
        exchange = await discord.command(name, **options)
        found = [*self._problems(exchange)]
        self.answers["cards" if exchange.files else "refusals"] += 1
        controls = [id for id in exchange.controls if id.startswith(PRESSED)]
        if controls and random.random() < 0.3:
            pressed = random.choice(controls)
            offered = {option["value"] for option in exchange.controls[pressed].get("options", ())} - {"film"}
            chosen = random.sample(sorted(offered), min(1, len(offered)))
            found += self._problems(await discord.press(exchange, pressed, *chosen))
            self.answers["presses"] += 1
        discord._exchanges.clear()
        return found

    def _problems(self, exchange: Exchange) -> Iterator[str]:
        if self._errors.lines:
            yield f"raised: {self._errors.lines.pop()}"
            self._errors.lines.clear()
        if exchange.steps not in ANSWERED:
            yield f"answered by {exchange.steps}"
        for sent in exchange.sent:
            yield from _body_problems(sent)
        for message in (exchange.message, *exchange.extra):
            yield from (f"{place}: {sentence}" for place, sentence in rules.message_problems(message))
            yield from _text_problems(message)


def _command(random: Random) -> tuple[str, dict[str, Any]]:
    name, text = random.choice(COMMANDS), hostile(random)
    options: dict[str, Any] = {"text": text, "private": random.random() < 0.2}
    if name == "unmask":
        if random.random() < 0.7:
            place = random.randrange(len(text))
            options["text"] = f"{text[:place]} [MASK] {text[place:]}"
        if random.random() < 0.3:
            options["targets"] = hostile(random)[: random.choice((10, 40, 500))]
        options["top"] = random.randint(1, 20)
    if name == "attention":
        if random.random() < 0.3:
            options["second"] = hostile(random)[:60]
        options["view"] = random.choice(("head", "tour", "grid", "token", "lenses", "rollout", "map"))
        options["shown"] = random.choice(("all", "plain", "words", "bare", "ab"))
    return name, options


def _body_problems(sent: Sent) -> Iterator[str]:
    """What Discord would not take of a request, and whether it could ping somebody."""
    body = sent.body.get("data", sent.body)
    try:
        json.dumps(sent.body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield "half a character is sent"
    is_form = sent.body.get("type") == 9
    says_something = not is_form and (body.get("content") or body.get("components"))
    if says_something and body.get("allowed_mentions") != {"parse": []}:
        yield f"mentions are allowed: {body.get('allowed_mentions')}"
    for name, data in sent.files:
        if len(data) > FILE_LIMIT or not re.fullmatch(r"[a-z.-]+", name):
            yield f"the file {name} of {len(data)} bytes"
    for attachment in body.get("attachments", ()):
        if not len(attachment.get("description") or "") <= 1024:
            yield "the alternative text of a file is too long"


def _text_problems(message: dict[str, Any]) -> Iterator[str]:
    """What people wrote must stand in code, where it can neither mention nor format."""
    parts = [part["content"] for _, part in rules.walk(message["components"]) if part["type"] == rules.TEXT]
    if message["flags"] & COMPONENTS_V2 and sum(len(part.encode("utf-16-le")) // 2 for part in parts) > 4000:
        yield "more than 4,000 UTF-16 units are displayed"
    shown = [embed["description"] for embed in message["embeds"]]
    for part in (message["content"], *parts, *shown):
        outside = re.sub(r"```.*?```|`[^`]*`", "", part, flags=re.DOTALL)
        if "`" in outside or FORMATS.search(outside):
            yield f"outside of code: {outside[:200]!r}"


async def fuzz(count: int, seconds: float, seed: int) -> int:
    """Run cases until there are enough or the time is over."""
    began, number, wrong = time.monotonic(), 0, 0
    async with Fuzz.open(seed) as run:
        while number < count and time.monotonic() - began < seconds:
            found = await run.run(number)
            for problem in found:
                print(f"case {number} of seed {seed}: {problem}", flush=True)
            wrong += bool(found)
            number += 1
            if number % REPORTED == 0:
                print(f"{number:,} texts, {number / (time.monotonic() - began):.0f} a second", flush=True)
    seconds = time.monotonic() - began
    answers = ", ".join(f"{many:,} {name}" for name, many in sorted(run.answers.items()))
    print(f"{number:,} texts in {seconds:.0f} s, {number / seconds:.0f} a second, with seed {seed}: {answers}")
    print(f"fuzz: {'FAILED' if wrong else 'passed'}, {wrong:,} with an exception, a ping or an oversize body")
    return 1 if wrong else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="texts (%(default)s)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="of the texts (another each time)")
    chosen = parser.parse_args()
    return asyncio.run(fuzz(chosen.count, chosen.seconds, chosen.seed))


if __name__ == "__main__":
    sys.exit(main())
