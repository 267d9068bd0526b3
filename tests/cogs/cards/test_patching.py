"""Cards of the lens over a sentence, and of patching: how one gets there, what can be pressed, what is told."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from typing import Any

import pytest

from bot.playground.api import rules
from cogs.requests import progress
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt, is_redrawn
from tests.cogs.requests.test_restart import is_pressed_as_before

TEXT = "The [MASK] sat."
PAIR = {"text": "the cat [MASK] on the mat.", "against": "the film ___ on the mat.", "targets": "cat, mat"}


def chosen(card: Exchange, action: str) -> str:
    """The label of what is chosen in a select."""
    options = card.controls[card.control(action)]["options"]
    return next(option["label"] for option in options if option.get("default"))


@pytest.fixture
async def lens(discord: Discord) -> Exchange:
    card = await discord.command("unmask", text=TEXT, targets="cat, mat")
    return await discord.press(card, card.control("lens", "lens"))


@pytest.fixture
async def patched(discord: Discord) -> Exchange:
    return await discord.command("unmask", **PAIR)


async def test_the_words_that_were_compared_are_followed(lens: Exchange) -> None:
    assert lens.private and not list(rules.message_problems(lens.message))
    words = [option["label"] for option in lens.controls[lens.control("token")]["options"]]
    assert {"cat", "mat"} == set(words[:2]) and len(words) >= 4 and chosen(lens, "token") == words[0]
    assert "`targets:" in lens.text


async def test_any_other_word_can_be_followed(discord: Discord, lens: Exchange) -> None:
    there = await discord.press(lens, lens.control("token"), "2")
    assert is_redrawn(there, lens)
    assert f"`{chosen(there, 'token')}`" in there.text.splitlines()[0] and alt(there) != alt(lens)


async def test_the_lens_is_offered_below_layers_too(discord: Discord) -> None:
    card = await discord.command("unmask", text="the ___ sat on the ___")
    layers = await discord.press(card, card.control("lens", "layers"))
    lens = await discord.press(layers, layers.control("lens", "lens"))
    assert chosen(lens, "token").startswith("mask 1 of 2, ")


async def test_another_text_is_patched_in(patched: Exchange) -> None:
    assert patched.files and not list(rules.message_problems(patched.message))
    assert "`the cat [MASK] on the mat. [VS] the film [MASK] on the mat.`" in patched.text
    assert "`targets:cat, mat`" in patched.text
    assert "cat/film" in alt(patched) and "arXiv:2309.16042" in alt(patched)


async def test_the_other_way_round_and_back(discord: Discord, patched: Exchange) -> None:
    swapped = await discord.press(patched, patched.control("swap"))
    assert swapped.private and "film/cat" in alt(swapped) and "`targets:mat, cat`" in swapped.text
    back = await discord.press(swapped, swapped.control("swap"))
    assert alt(back) == alt(patched)


async def test_every_control_works_after_a_restart(discord: Discord, lens: Exchange, patched: Exchange) -> None:
    await is_pressed_as_before(discord, lens)
    swap = patched.control("swap")
    before = await discord.press(patched, swap)
    discord.bot.core._results._kept.clear()
    assert alt(await discord.press(patched, swap)) == alt(before)
    discord.bot.core._results._kept.clear()
    assert (await discord.press(patched, patched.control("numbers"))).text.startswith("```")


async def test_files_and_a_recipe_to_get_it_again(discord: Discord, lens: Exchange, patched: Exchange) -> None:
    other = await discord.press(lens, lens.control("token"), "1")
    for card, view in ((other, "lens"), (patched, "patch")):
        files = await discord.press(card, card.control("take"))
        assert {name.rpartition(".")[2] for name, _ in files.files} == {"csv", "npz", "html", "svg"}
        assert "`/unmask` takes this recipe as its text:" in files.text
        found = re.search(r"```json\n(.*)\n```", files.text)
        assert found and json.loads(found[1])["view"] == view
        again = await discord.command("unmask", text=found[1])
        assert alt(again) == alt(card)


@pytest.mark.parametrize(
    "change",
    [{"view": "else"}, {"followed": 0}, {"followed": "1"}, {"theme": "blue"}, {"theme": []}, {"targets": 7}],
)
async def test_a_damaged_recipe_is_refused(discord: Discord, lens: Exchange, change: dict[str, object]) -> None:
    files = await discord.press(lens, lens.control("take"))
    found = re.search(r"```json\n(.*)\n```", files.text)
    assert found
    refused = await discord.command("unmask", text=json.dumps(json.loads(found[1]) | change))
    assert "That recipe is damaged" in refused.text and not refused.files


async def test_two_texts_of_other_lengths_are_refused_at_once(discord: Discord) -> None:
    await discord.bot.core.warm_up()
    refused = await discord.command("unmask", text="the cat [MASK].", against="the cat sat [MASK].")
    assert refused.steps == ["callback 4"] and refused.private
    assert "The first text has 6 tokens for this model and the second 7" in refused.text


async def test_who_waits_long_is_told_how_far_it_is(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device stops at the third turn until that has been told; the answer takes its place."""
    await discord.command("unmask", **PAIR)  # the model is there
    executor, turns, reached = discord.bot.core._executor, itertools.count(1), asyncio.Event()
    submit, tell = executor.submit, progress.Waiting.told

    def noted(waiting: progress.Waiting, *about: Any) -> str:
        told = tell(waiting, *about)
        if told.startswith("⏳ 2 of "):
            reached.set()
        return told

    async def halting(*args: Any, **options: Any) -> Any:
        if next(turns) == 4:  # the first is about the texts as they are
            await asyncio.wait_for(reached.wait(), 60)
        return await submit(*args, **options)

    monkeypatch.setattr(executor, "submit", halting)
    monkeypatch.setattr(progress.Waiting, "told", noted)
    monkeypatch.setattr(progress, "PAUSES", (0.01,) * 10_000)
    monkeypatch.setattr("core.asking.passes.TURN_TOKENS", 10)
    found = await discord.command("unmask", text=PAIR["text"], against="the love ___ on the mat.", targets="cat, mat")
    told = [str(sent.body.get("content")) for sent in found.sent[1:-1]]
    assert all(re.fullmatch(r"⏳ \d+ of 42 parts of the model are done\.", one) for one in told)
    assert any(one.startswith("⏳ 2 of ") for one in told) and len(set(told)) == len(told)
    assert found.files and "⏳" not in found.text


async def test_a_few_edits_are_all_that_is_told(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    await discord.command("unmask", **PAIR)
    monkeypatch.setattr(progress, "PAUSES", (0, 0))
    monkeypatch.setattr("core.asking.passes.TURN_TOKENS", 10)
    found = await discord.command("unmask", text=PAIR["text"], against="the love ___ on the mat.", targets="cat, mat")
    assert found.steps.count("PATCH") <= 1 + 2 and found.files
