"""*Read it with a space*: the same is asked again, with all that was asked beside the text."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest

from bot.playground.api import rules
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.test_models import discord as discord

GLUED, SPACED = "the cat🤗 ___ on the ___", "the cat 🤗 ___ on the ___"

Steps: TypeAlias = list[tuple[str, ...]]
"""Presses one after the other: an action, the end of its detail, and a value to choose."""

ALONE: Steps = [("lens", "ablate_word")]
OFF: Steps = [("layer", "", "1"), ("head", "", "0"), ("off", "")]
CARDS: dict[str, tuple[dict[str, Any], Steps]] = {
    "words": ({}, []),
    "targets": ({"targets": "cat, mat", "top": 7, "model": "distilbert-masked-lm"}, []),
    "layer by layer": ({"top": 7}, [("lens", "layers")]),
    "every word": ({"targets": "cat, mat"}, [("lens", "lens")]),
    "the reasons": ({}, [("lens", "why_word")]),
    "other reasons": ({"targets": "cat, mat"}, [("lens", "why_word"), ("mask", "", "2"), ("answer", "", "9")]),
    "rather than": ({}, [("lens", "why_word"), ("answer", "", "9"), ("rather", "", "11")]),
    "without heads": ({}, [*ALONE, ("gap", "", "2"), *OFF]),
    "their mean": ({}, [*ALONE, ("lens", "ablate_word-mean"), *OFF]),
    "surprise": ({}, [("lens", "surprisal")]),
}


async def reached(discord: Discord, text: str, options: dict[str, Any], steps: Steps) -> Exchange:
    card = await discord.command("unmask", text=text, **options)
    for action, detail, *values in steps:
        card = await discord.press(card, card.control(action, detail), *values)
    return card


def asked(card: Exchange) -> tuple[Any, ...]:
    """What a card says of its question, and how: the ids tell how many words there are for each mask."""
    texts = [(part["id"], part["content"]) for part in card.parts if part["type"] == rules.TEXT]
    return card.files[0][0], [text for text in texts if text[1].startswith(("`", "-#"))]


@pytest.mark.parametrize("kind", CARDS)
async def test_all_that_was_asked_is_asked_again(discord: Discord, kind: str) -> None:
    await discord.bot.core.warm_up()
    wanted = asked(await reached(discord, SPACED, *CARDS[kind]))
    card = await reached(discord, GLUED, *CARDS[kind])
    for _ in range(2):
        spaced = await discord.press(card, card.control("rescue"))
        assert spaced.private and asked(spaced) == wanted
        discord.bot.core._results._kept.clear()
