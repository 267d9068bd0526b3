"""A message as plain text, for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from bot.playground.api import rules
from bot.playground.payloads import Json
from bot.playground.world import EPHEMERAL


def read(message: Json) -> str:
    """Everything a message says: its texts, the alt texts of its pictures, its controls, who can see it."""
    lines = ["(only you can see this)"] if message["flags"] & EPHEMERAL else []
    lines += [message["content"]] if message["content"] else []
    for embed in message["embeds"]:
        lines += _embed(embed)
    shown: set[str] = set()
    for path, part in rules.walk(message["components"]):
        lines += _component(part, alone=path.endswith("accessory"))
        shown |= {item["media"]["url"] for item in _pictures(part)}
    lines += [
        _picture(attachment["filename"], attachment.get("description"))
        for attachment in message["attachments"]
        if attachment["url"] not in shown
    ]
    return plain("\n".join(lines))


def plain(text: str) -> str:
    """The text without control characters, which could otherwise steer the terminal."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _embed(embed: Json) -> Iterator[str]:
    yield from (embed[key] for key in ("title", "description") if embed.get(key))
    yield from (f"{field['name']}: {field['value']}" for field in embed.get("fields", []))
    if footer := embed.get("footer"):
        yield footer["text"]


def _component(part: Json, *, alone: bool) -> Iterator[str]:
    if part["type"] == rules.TEXT:
        yield part["content"]
    elif part["type"] == rules.SEPARATOR:
        yield ""
    elif part["type"] == rules.ROW:
        yield "Controls: " + "  ".join(_control(control) for control in part["components"])
    elif part["type"] == rules.BUTTON and alone:
        yield f"Controls: {_control(part)}"
    for item in _pictures(part):
        yield _picture(item["media"]["url"].rpartition("/")[2], item["description"])


def _pictures(part: Json) -> list[Json]:
    if part["type"] == rules.THUMBNAIL:
        return [part]
    return part["items"] if part["type"] == rules.GALLERY else []


def _picture(name: str, description: str | None) -> str:
    return f"[picture {name}: {description or 'no description'}]"


def _control(control: Json) -> str:
    if control["type"] == rules.BUTTON:
        name = control.get("label") or control["emoji"]["name"]
        return f"[{name}]" + (" (off)" if control.get("disabled") else "")
    options: list[Json] = control.get("options", [])
    labels = [f"*{option['label']}*" if option.get("default") else option["label"] for option in options]
    return f"[{control.get('placeholder', 'Choose')}: {', '.join(labels)}]"
