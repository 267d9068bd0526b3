"""Heads switched off one after the other on the card of an answer without each head."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from bot.playground.api import rules
from tests.cogs.cards.test_ablation import TEXT, switched_off
from tests.cogs.inprocess import BOB, Discord, Exchange
from tests.cogs.requests.test_presses import alt
from tests.cogs.requests.test_restart import is_pressed_as_before


def label(card: Exchange) -> str:
    return card.controls[card.control("off")]["label"]


@pytest.fixture
async def word(discord: Discord) -> Exchange:
    card = await discord.command("unmask", text=TEXT)
    return await discord.press(card, card.control("lens", "ablate_word"))


async def at(discord: Discord, card: Exchange, layer: int, head: int) -> Exchange:
    """The card at another head, from 1."""
    there = await discord.press(card, card.control("layer"), str(layer - 1))
    return await discord.press(there, there.control("head"), str(head - 1))


async def test_one_after_the_other_and_on_again(discord: Discord, word: Exchange) -> None:
    here = await at(discord, word, 2, 1)
    assert label(here) == "Keep it off"
    one = await discord.press(here, here.control("off"))
    assert one.steps == ["callback 6", "PATCH"] and switched_off(one) == ("1", "0")
    assert one.text.startswith("### Without layer 2, head 1, ") and "`off:2.1`" in one.text
    assert label(one) == "Switch it on again"
    two = await at(discord, one, 3, 2)
    assert label(two) == "Switch it off, too"
    both = await discord.press(two, two.control("off"))
    assert both.text.startswith("### Without heads 2.1, 3.2, ") and "`off:2.1,3.2`" in both.text
    assert "One after the other: 2.1 " in alt(both) and not list(rules.message_problems(both.message))
    back = await at(discord, both, 2, 1)
    on = await discord.press(back, back.control("off"))
    assert "`off:3.2`" in on.text and on.text.startswith("### Without layer 3, head 2, ")


async def test_with_the_mean_instead_of_zero_the_same_heads_are_off(discord: Discord, word: Exchange) -> None:
    here = await at(discord, word, 2, 1)
    off = await discord.press(here, here.control("off"))
    mean = await discord.press(off, off.control("lens", "ablate_word-mean"))
    assert mean.private and "`mean:True off:2.1`" in mean.text
    zero = await discord.press(mean, mean.control("lens", "ablate_word-zero"))
    assert "`off:2.1`" in zero.text
    await is_pressed_as_before(discord, off)


@pytest.mark.parametrize(("command", "text", "way"), [("unmask", TEXT, "word"), ("sentiment", "i love it", "label")])
async def test_what_is_off_outlives_a_restart(discord: Discord, command: str, text: str, way: str) -> None:
    card = await discord.command(command, text=text)
    here = await discord.press(card, card.control("lens", f"ablate_{way}"))
    mean = await discord.press(here, here.control("lens", f"ablate_{way}-mean"))
    off = await discord.press(mean, mean.control("off"))
    assert "`mean:True off:" in off.text
    await is_pressed_as_before(discord, off)


async def test_the_mask_is_chosen_and_stays(discord: Discord) -> None:
    card = await discord.command("unmask", text="the ___ sat on the ___")
    first = await discord.press(card, card.control("lens", "ablate_word"))
    assert "mask 1 of 2" in alt(first) and "`mask:" not in first.text
    second = await discord.press(first, first.control("gap"), "2")
    assert second.steps == ["callback 6", "PATCH"] and "mask 2 of 2" in alt(second) and "`mask:2`" in second.text
    mean = await discord.press(second, second.control("lens", "ablate_word-mean"))
    discord.bot.core._results._kept.clear()
    again = await discord.press(mean, mean.control("lens", "ablate_word-zero"))
    assert "mask 2 of 2" in alt(again) and alt(again) == alt(second)
    off = await discord.press(mean, mean.control("off"))
    assert "mask 2 of 2" in alt(mean) and "`mean:True mask:2 off:" in off.text
    discord.bot.core._results._kept.clear()
    zero = await discord.press(off, off.control("lens", "ablate_word-zero"))
    assert "`mask:2 off:" in zero.text and "mask 2 of 2" in alt(zero)


async def test_it_can_be_taken_away_with_how_to_get_it_again(discord: Discord, word: Exchange) -> None:
    off = await discord.press(word, word.control("off"))
    files = dict((await discord.press(off, off.control("take"))).files)
    assert {*files} == {f"ablate_word.{kind}" for kind in ("csv", "npz", "html", "svg")}
    stored = np.load(io.BytesIO(files["ablate_word.npz"]), allow_pickle=False)
    made = json.loads(str(stored["recipe"]))
    heads = stored["head"][~np.isnan(stored["head"])]
    assert made["command"] == "ablate_word" and made["text"] == TEXT and len(made["off"]) == 1
    assert len(stored["change"]) == len(stored["head"]) > len(heads) and {*heads} == {1.0, 2.0}


async def test_somebody_else_gets_a_copy(discord: Discord, word: Exchange) -> None:
    shown = await discord.press(word, word.control("show"))
    before = alt(shown)
    discord.person = BOB
    copied = await discord.press(shown, shown.control("off"))
    assert copied.private and "`off:" in copied.text and "callback 6" not in copied.steps
    again = await discord.press(shown, shown.control("numbers"))
    assert alt(shown) == before and "+ " not in again.text


async def test_each_press_counts_against_its_person(discord: Discord, word: Exchange) -> None:
    discord.bot.rate_limiter._pause = 3600
    discord.bot.rate_limiter._began.clear()
    off = await discord.press(word, word.control("off"))
    assert "`off:" in off.text
    assert "That was quick" in (await discord.press(off, off.control("off"))).text
