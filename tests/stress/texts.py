"""Texts that nobody would write by accident."""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random

INJECTIONS = (
    "@everyone",
    "@here",
    "<@1234567890>",
    "<@&1234567890>",
    "<#1234567890>",
    "</tokens:1234567890>",
    "<:cat:1234567890>",
    "<t:0:R>",
    "[link](https://evil.example)",
    "https://evil.example/?q=1",
    "discord.gg/evil",
    "**bold**",
    "||hidden||",
    "# heading\n",
    "-# small\n",
    "> quote\n",
    "`",
    "``",
    "```",
    "```\n@everyone\n```",
    "\\`@everyone",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{0}{__class__}{count:,}",
    "%s%n",
)
WORDS = ("the", "cat", "sat", "unbelievable", "Größe", "naïve", "1,000", "I")
SPECIAL = ("[MASK]", "<mask>", "___", "_", "[CLS]", "[SEP]", "[PAD]", "##s", "a")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u3164\u115f\U000e0001\U000e0041\ufe0f"
SCRIPTS = "aZ9 éß中文日本語한국어אבגابتकखไทยԱΩЖ🤗👩🏽🏳️‍🌈é\u0300́"


def _any_planes(random: Random, size: int) -> str:
    return "".join(chr(random.randrange(sys.maxunicode + 1)) for _ in range(size))  # surrogates among them


def _surrogates(random: Random, size: int) -> str:
    return "".join(chr(random.randrange(0xD800, 0xE000)) for _ in range(size))


def _marks(random: Random, size: int) -> str:
    return random.choice("aé中क") + "".join(chr(random.randrange(0x300, 0x370)) for _ in range(size))


def _of(signs: str) -> Callable[[Random, int], str]:
    return lambda random, size: "".join(random.choices(signs, k=size))


def _injections(random: Random, size: int) -> str:
    return "".join(random.choices(INJECTIONS, k=1 + size // 12))


def _words(random: Random, size: int) -> str:
    return " ".join(random.choices(WORDS, k=1 + size // 5))


def _masks(random: Random, size: int) -> str:
    return " ".join(random.choices(SPECIAL, k=1 + size // 8))


def _slots(random: Random, size: int) -> str:
    return "{" + "|".join(_words(random, size // 4) for _ in range(random.randrange(1, 6))) + "}"


KINDS = (
    _any_planes,
    _surrogates,
    _marks,
    _of(BIDI),
    _of(INVISIBLE),
    _of(SCRIPTS),
    _of(" \t\n\r\v\f\u00a0\u2028\u2029\u3000\x00\x07\x1b"),
    _of("`*_~|<>@#&-=[]()\\/:{}"),
    _injections,
    _words,
    _masks,
    _slots,
)


def hostile(random: Random) -> str:
    """A text of several kinds, mostly short, up to Discord's 6,000 characters."""
    longest = random.choice((20, 60, 60, 200, 200, 600, 2000, 6000))
    parts: list[str] = []
    while sum(map(len, parts)) < longest and random.random() < 0.8:
        parts.append(random.choice(KINDS)(random, random.randrange(1, max(2, longest // 2))))
    random.shuffle(parts)
    return random.choice(("", " ")).join(parts)[:6000] or "a"
