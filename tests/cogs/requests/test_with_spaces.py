"""*Read it with a space*: the same is asked again, with all that was asked beside the text, and seen as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bot.playground.api import rules
from core import Core, CoreSettings
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt
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


SEEN: dict[str, dict[str, Any]] = {
    "one head": {"layer": 2, "head": 1, "shown": "bare"},
    "a mean": {"layer": 3, "view": "norms", "theme": "light"},
    "a word behind": {"layer": 1, "head": 2, "view": "token", "token": "mat"},
    "the word that was glued": {"layer": 2, "head": 2, "view": "arcs", "token": "cat"},
    "the first word": {"layer": 2, "head": 2, "view": "token"},
    "all heads": {"view": "heads", "layer": 2, "head": 1, "token": "mat"},
    "a film": {"view": "film", "token": "mat"},
    "a head map": {"view": "map"},
    "a pair": {"layer": 2, "head": 1, "shown": "ba", "second": "the mat"},
}


def seen(card: Exchange) -> tuple[Any, ...]:
    """How a card shows a map: its sentence, its picture in words, and what is chosen."""
    chosen = [
        (id.partition(":")[0], option["label"])
        for id, control in card.controls.items()
        for option in control.get("options", ())
        if option.get("default")
    ]
    return card.text.splitlines()[0], alt(card), chosen


@pytest.mark.parametrize("how", SEEN)
async def test_a_map_is_seen_as_it_was(discord: Discord, how: str) -> None:
    await discord.bot.core.warm_up()
    wanted = seen(await discord.command("attention", text="the cat 🤗 sat on the mat", **SEEN[how]))
    card = await discord.command("attention", text="the cat🤗 sat on the mat", **SEEN[how])
    for _ in range(2):
        spaced = await discord.press(card, card.control("rescue"))
        assert spaced.private and seen(spaced) == wanted
        discord.bot.core._results._kept.clear()


@pytest.mark.parametrize("side", ["cross", "encoder"])
async def test_so_is_that_of_what_is_read_and_written(settings: CoreSettings, models: Path, side: str) -> None:
    model = str(models / "t5")
    async with (
        Core.open(replace(settings, attention_model=model)) as core,
        Discord(core).logged_in() as discord,
    ):
        card = await discord.command("attention", text="the cat🤗 sat on the mat", second="the mat")
        for action, value in (("side", side), ("layer", "0"), ("head", "2"), ("shown", "bare")):
            card = await discord.press(card, card.control(action), value)
        spaced = await discord.press(card, card.control("rescue"))
        *_, chosen = seen(spaced)
        assert spaced.text != card.text and chosen == seen(card)[-1]
        assert {label for _, label in chosen} >= {"Head 3 of 4", "Whole words, no special tokens"}
