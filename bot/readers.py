"""What is written in a setting, and what it means. Each reader raises a `ValueError` that says what to write."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

NOT_TOKENS = {
    r"[\w-]{32}": "client secret",
    r"[0-9a-fA-F]{64}": "public key",
    r"\d{17,20}": "application id",
}
"""What is pasted in the place of a token, by its shape."""


class Secret(str):
    """A string that is not shown when its object is printed."""

    def __repr__(self) -> str:
        return "'***'"


def token(text: str) -> Secret:
    """The bot's token; what else the portal shows is recognised."""
    for pattern, name in NOT_TOKENS.items():
        if re.fullmatch(pattern, text):
            raise ValueError(f"that is the {name}; the bot's token is on the Bot page of the application")
    if not re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", text):
        raise ValueError("the bot's token has three parts joined by dots; copy it again from the Bot page")
    return Secret(text)


def hub_token(text: str) -> Secret:
    """A token of the Hugging Face Hub."""
    if not re.fullmatch(r"[\w-]{8,}", text):
        raise ValueError(
            "that is no token of the Hub; make one that may read at https://huggingface.co/settings/tokens"
        )
    return Secret(text)


def file(text: str) -> Path:
    """The path of a file; ``~`` is the home of the user that the bot runs as."""
    if "\0" in text:
        raise ValueError("write the path of a file")
    with contextlib.suppress(RuntimeError):  # there is no such user, and so it is a name like any other
        return Path(text).expanduser()
    return Path(text)


def one_of(*allowed: str) -> Callable[[str], str]:
    """One of some words, in any case."""

    def read(text: str) -> str:
        found = next((value for value in allowed if value.lower() == text.lower()), None)
        if found is None:
            raise ValueError(f"write {' or '.join(allowed)}")
        return found

    return read


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(text)

    return read


def ids(text: str) -> frozenset[int]:
    """Ids with commas between them."""
    if not all(re.fullmatch(r"\d{15,20}", one.strip()) for one in text.split(",")):
        raise ValueError("write Discord ids (numbers of 15 to 20 digits) with commas between them")
    return frozenset(int(one) for one in text.split(","))


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name for one in text.split(",") if (name := one.strip()))


def device(text: str) -> str:
    """A device, or several with commas between them."""
    if not all(re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", name.strip()) for name in text.split(",")):
        raise ValueError("write auto, cpu, cuda:0, or several such as cuda:0,cuda:1")
    return text


def amount(least: float, most: float) -> Callable[[str], float]:
    """A number, perhaps a broken one."""

    def read(text: str) -> float:
        if not re.fullmatch(r"\d{1,4}(\.\d{1,4})?", text, re.ASCII) or not least <= float(text) <= most:
            raise ValueError(f"write a number from {least:g} to {most:g}")
        return float(text)

    return read


class Span(NamedTuple):
    """How many there are at least and at most."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least}-{self.most}" if self.least < self.most else f"{self.least}"


def span(text: str) -> Span:
    """A number, or the least and the most."""
    found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", text, re.ASCII)
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= least <= most:
        raise ValueError("write a number such as 2, or the least and the most, such as 1-4")
    return Span(least, most)


class Shards(NamedTuple):
    """Which of a bot's connections to Discord a process holds.

    Attributes:
        first: The first one's number.
        last: The last one's.
        total: How many all processes hold together; 0 leaves it to Discord.
    """

    first: int
    last: int
    total: int

    def __str__(self) -> str:
        whole = (self.first, self.last) == (0, max(0, self.total - 1))
        return f"{self.total}" if whole else f"{self.first}-{self.last}/{self.total}"


def shards(text: str) -> Shards:
    """How many there are, or some of them, such as ``0-15/160``."""
    if re.fullmatch(r"\d{1,5}", text, re.ASCII):
        return Shards(0, max(0, int(text) - 1), int(text))
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})/(\d{1,5})", text, re.ASCII)
    one = Shards(*map(int, found.groups())) if found else Shards(0, 0, 0)
    if not one.first <= one.last < one.total:
        raise ValueError("write how many there are, or those of this process and how many there are, such as 0-15/160")
    return one


def address(text: str) -> str:
    """The address of something that speaks HTTP."""
    if not re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w./-]*)?", text, re.ASCII):
        raise ValueError("write an address such as http://localhost:8080")
    return text


def cluster(text: str) -> str:
    """The address of a Ray cluster."""
    if not re.fullmatch(r"auto|([\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", text, re.ASCII):
        raise ValueError("write auto, or where the cluster's head is, such as head:6379")
    return text
