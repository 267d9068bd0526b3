"""What a bot might register and answer: between them, these messages hold every component the page can draw."""

from __future__ import annotations

from itertools import count
from typing import Any

Data = dict[str, Any]

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15

ADA: Data = {"id": "1001", "username": "ada", "global_name": "Ada"}
GRACE: Data = {"id": "1002", "username": "grace", "global_name": "Grace"}
USERS = [ADA, GRACE]
BOT: Data = {"id": "2001", "username": "attention-bot", "bot": True}
CHANNEL: Data = {"id": "3001", "name": "bot-lab"}
GUILD: Data = {"id": "4001", "name": "Transformer Club"}

TEXT: Data = {
    "name": "text",
    "description": "The sentence to look at",
    "type": 3,
    "required": True,
    "min_length": 1,
    "max_length": 400,
}
MANY = ("base", "shape", "axis", "mask", "seed", "names", "scale")
"""Options that may be left out, more than there is room for."""
COMMANDS: list[Data] = [
    {
        "name": "attention",
        "description": "Draw where each token looks",
        "type": 1,
        "options": [
            {"name": "layer", "description": "Which layer", "type": 4, "min_value": 1, "max_value": 12},
            TEXT,
            {"name": "model", "description": "Which model", "type": 3, "autocomplete": True},
        ],
    },
    {"name": "sentiment", "description": "Tell how a text feels", "type": 1, "options": [TEXT]},
    {
        "name": "tokens",
        "description": "Cut a text into tokens",
        "type": 1,
        "options": [
            TEXT,
            {
                "name": "style",
                "description": "How to draw them",
                "type": 3,
                "choices": [{"name": "Strip", "value": "s"}, {"name": "Table", "value": "t"}],
            },
        ],
    },
    {"name": "about", "description": "Say who answers here", "type": 1},
    {
        "name": "lab",
        "description": "Small experiments",
        "type": 1,
        "options": [
            {
                "name": "softmax",
                "description": "Softmax of numbers",
                "type": 1,
                "options": [
                    {
                        "name": "temperature",
                        "description": "Above zero",
                        "type": 10,
                        "required": True,
                        "min_value": 0.1,
                    },
                    *({"name": name, "description": f"What {name} is", "type": 3} for name in MANY),
                ],
            }
        ],
    },
    {"name": "Show tokens", "type": 3},
]

_ids = count(9_000_001)


def message(*, flags: int = 0, command: str | None = "attention", user: Data = ADA, **parts: Any) -> Data:
    """Write a message by the bot, in answer to a command unless `command` is None."""
    cause = {"id": "7001", "type": 2, "user": user, "name": command}
    answer = {"interaction_metadata": cause, "interaction": cause} if command else {}
    base = {"id": str(next(_ids)), "channel_id": CHANNEL["id"], "author": BOT, "type": 20, "flags": flags}
    time = {"timestamp": "2026-03-01T12:34:56+00:00", "edited_timestamp": None}
    return {**base, **time, "content": "", "embeds": [], "attachments": [], "components": [], **answer, **parts}


def card(*components: Data, private: bool = False, **parts: Any) -> Data:
    """Write a message laid out with Components V2."""
    return message(flags=COMPONENTS_V2 | (EPHEMERAL if private else 0), components=list(components), **parts)


def text(content: str) -> Data:
    return {"type": 10, "content": content}


def picture(url: str, description: str | None = None, **parts: Any) -> Data:
    media = {"url": f"{url}/attachments/heat.png", "width": 640, "height": 400}
    return {"type": 12, "items": [{"media": media, "description": description, **parts}]}


def button(label: str, custom_id: str, style: int = 2, **parts: Any) -> Data:
    return {"type": 2, "style": style, "label": label, "custom_id": custom_id, **parts}


def row(*components: Data) -> Data:
    return {"type": 1, "components": list(components)}


def select(custom_id: str, labels: list[str], **parts: Any) -> Data:
    options = [
        {"label": label, "value": str(index), "description": f"Number {index}"} for index, label in enumerate(labels)
    ]
    return {"type": 3, "custom_id": custom_id, "options": options, "placeholder": "Choose a layer", **parts}


def answer_card(url: str, **parts: Any) -> Data:
    """Write what /attention answers with: text, a picture and controls."""
    return card(
        {
            "type": 17,
            "accent_color": 0x5865F2,
            "components": [
                text("## Attention\nLayer **3**, head **7** of `bundled/bert-mini`"),
                picture(url, "Heatmap: “it” looks most at “cat” (0.61)."),
                {"type": 14, "divider": True, "spacing": 1},
                row(select("layer", [f"Layer {number}" for number in range(1, 5)])),
                row(
                    button("Previous", "previous", emoji={"name": "◀"}, disabled=True),
                    button("Next", "next", 1, emoji={"name": "▶"}),
                    {"type": 2, "style": 5, "label": "Paper", "url": "https://example.org/paper"},
                ),
                text("-# Attention is not explanation. Made <t:1700000000:R>."),
            ],
        },
        **parts,
    )


def every_component(url: str) -> list[Data]:
    """Write messages that use everything a bot can send."""
    file = {"url": f"{url}/attachments/scores.csv", "description": "All scores"}
    pictures = [
        {"media": {"url": f"{url}/attachments/{name}.png"}, "description": f"Picture {name}", "spoiler": name == "c"}
        for name in "abc"
    ]
    return [
        card(
            text("# Heading\n## Smaller\n### Smallest\n-# Small print"),
            text("- one\n- two\n  - two and a half\n1. first\n2. second\n> quoted *words*"),
            text(
                "**bold** *italic* __under__ ~~struck~~ ||hidden|| `code` <t:1700000000:D> <@1001> <#3001> [site](https://example.org)"
            ),
            text("```py\nprint('<b>')\n```\n```ansi\n\x1b[1;31mred\x1b[0m plain \x1b[32mgreen\n```"),
            {
                "type": 9,
                "components": [text("A section"), text("with a picture beside it")],
                "accessory": {"type": 11, "media": {"url": f"{url}/attachments/t.png"}, "description": "Small"},
            },
            {"type": 9, "components": [text("A section with a button")], "accessory": button("Press", "side")},
            {"type": 14, "divider": True, "spacing": 2},
            {"type": 12, "items": pictures},
            {"type": 13, "file": {"url": file["url"]}, "name": "scores.csv", "size": 2048},
            row(*(button(name, name.lower(), style) for style, name in enumerate(["Blue", "Grey", "Green", "Red"], 1))),
            row(select("several", ["One", "Two", "Three"], min_values=0, max_values=2)),
            {"type": 17, "spoiler": True, "components": [text("covered")]},
            {"type": 99},
            attachments=[{"id": "1", "filename": "unused.png", "url": f"{url}/attachments/unused.png"}],
        ),
        message(
            content="Plain **content**",
            attachments=[
                {"id": "1", "filename": "heat.png", "url": f"{url}/attachments/heat.png", "description": "A heatmap"},
                {"id": "2", "filename": "notes.txt", "url": f"{url}/attachments/notes.txt", "size": 12},
            ],
            embeds=[
                {
                    "title": "An embed",
                    "url": "https://example.org",
                    "description": "with *words*",
                    "color": 0x1F7A43,
                    "author": {"name": "Somebody"},
                    "fields": [
                        {"name": "left", "value": "1", "inline": True},
                        {"name": "right", "value": "2", "inline": True},
                    ],
                    "footer": {"text": "foot"},
                    "timestamp": "2026-03-01T12:00:00+00:00",
                }
            ],
            components=[row(button("Again", "again", 3))],
        ),
    ]


MODAL: Data = {
    "title": "Ask again",
    "custom_id": "ask",
    "components": [
        {
            "type": 18,
            "label": "Your sentence",
            "description": "Up to 20 characters",
            "component": {"type": 4, "custom_id": "text", "style": 2, "max_length": 20, "required": True},
        },
        {"type": 10, "content": "Some **help**"},
        {
            "type": 18,
            "label": "Layers",
            "component": {
                "type": 3,
                "custom_id": "layers",
                "max_values": 2,
                "options": [{"label": "First", "value": "1"}, {"label": "Second", "value": "2"}],
            },
        },
        {"type": 18, "label": "Keep it", "component": {"type": 23, "custom_id": "keep", "default": False}},
    ],
}
