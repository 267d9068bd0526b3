"""/write: a text goes on at the press of a button, and its card holds all that is needed for the next press."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import numpy as np
import pytest

from bot.playground.api import rules
from core.reading.continuation import MOST_WRITTEN
from tests.cogs.requests.test_presses import REDRAWN, alt, ways
from tests.cogs.requests.test_restart import is_pressed_as_before

from .inprocess import BOB, MODAL_SUBMIT, Discord, Exchange
from .test_models import discord as discord

TEXT = "I would like a cup of"
STEPS = ("likeliest", "draw", "ten", "back")


def step(card: Exchange, name: str) -> str:
    """The custom_id of a button that writes."""
    return next(id for id in card.controls if id.startswith("write:") and id.split(":")[2].startswith(f"{name}."))


def said(card: Exchange) -> str:
    """What was written, as the card has it."""
    found = re.search(r"^It wrote: `(.*)`$", card.text, re.MULTILINE)
    return found[1] if found else ""


def is_changed(exchange: Exchange, card: Exchange) -> bool:
    """Whether the card itself was changed, in one edit."""
    return exchange.steps == REDRAWN and exchange.message["id"] == card.message["id"] and not exchange.extra


async def pressed(discord: Discord, card: Exchange, *names: str) -> Exchange:
    """Press some of the buttons that write, one after the other."""
    for name in names:
        card = await discord.press(card, step(card, name))
        assert not list(rules.message_problems(card.message))
    return card


async def test_a_card_begins_with_what_could_come(discord: Discord) -> None:
    card = await discord.command("write", text=TEXT, temperature=0.5, top_k=20, top_p=0.9, seed=3)
    assert card.steps == ["callback 5", "PATCH"] and not list(rules.message_problems(card.message))
    heading, text, settings, *_ = card.text.splitlines()
    assert re.fullmatch(r"### Likeliest next: `tea` \(\d+\.\d% → \d+\.\d%\)", heading)
    assert (text, settings) == (f"`{TEXT}`", "`temperature:0.5 top_k:20 top_p:0.9 seed:3`")
    assert "Temperature 0.5 · top-k 20: 20 tokens left · top-p 0.9: " in alt(card)
    assert not said(card) and card.controls[step(card, "back")]["disabled"]
    assert ways(card) == {"tokens", "attention", "sentiment"}


async def test_a_text_goes_on_token_by_token(discord: Discord) -> None:
    card = await discord.command("write", text=TEXT)
    one = await pressed(discord, card, "likeliest")
    assert is_changed(one, card) and said(one) == "tea" and "Written last: tea " in alt(one)
    two = await pressed(discord, one, "draw")
    back = await pressed(discord, two, "back")
    assert said(back) == "tea" and alt(back) == alt(one)
    assert said(await pressed(discord, back, "draw")) == said(two)  # the same seed at the same place
    start = await pressed(discord, back, "back")
    assert not said(start) and alt(start) == alt(card)


async def test_ten_are_ten_times_one(discord: Discord) -> None:
    card = await discord.command("write", text="The old man", seed=5)
    ten = await pressed(discord, card, "ten")
    assert alt(ten) == alt(await pressed(discord, card, *["draw"] * 10))
    greedy = await discord.command("write", text="The old man", temperature=0.0)
    assert said(await pressed(discord, greedy, "ten")) == said(await pressed(discord, card, *["likeliest"] * 10))


async def test_the_end_of_a_text(discord: Discord) -> None:
    card = await discord.command("write", text=TEXT, temperature=0.0)
    ended = await pressed(discord, card, "ten")
    assert ended.text.startswith("### Here the model ends the text, after 4 tokens")
    assert all(ended.controls[step(ended, name)]["disabled"] for name in STEPS[:3])
    assert said(await pressed(discord, ended, "back")) == "tea please."


async def test_the_most_that_is_written_fits_into_a_card(discord: Discord) -> None:
    """And into its controls, from which it is read back."""
    card = await discord.command("write", text="the", model="gpt2", seed=1, top_k=0)
    full = await pressed(discord, card, *["ten"] * 5)  # that model reads 48 tokens
    assert "The model can read no more than that." in full.text
    assert all(full.controls[step(full, name)]["disabled"] for name in STEPS[:3])
    card = await discord.command("write", text="Once upon a time", seed=7)
    most = await pressed(discord, card, *["ten"] * 7)
    assert f"At most {MOST_WRITTEN} tokens are written behind a text" in most.text
    assert all(len(id) <= 100 for id in most.controls)
    discord.bot.core._results._kept.clear()
    assert alt(await pressed(discord, most, "back", "draw")) == alt(most)


@pytest.mark.parametrize("names", [(), ("draw",), ("ten", "likeliest", "back")])
async def test_every_control_works_after_a_restart(discord: Discord, names: tuple[str, ...]) -> None:
    card = await discord.command("write", text="The old man", temperature=0.8, seed=9, theme="light")
    await is_pressed_as_before(discord, await pressed(discord, card, *names))


async def test_what_was_written_is_read_back_as_it_was(discord: Discord) -> None:
    """Not as its text would be cut: letters that were drawn one by one, parts of characters, a space at the end."""
    recipe = {"command": "write", "text": "the cat", "model": "gpt2", "revision": ""}
    recipe |= {"temperature": 1.0, "top_k": 50, "top_p": 1.0, "seed": 0}
    ids = [35, 35, 221, 160, 1, 300, 99]
    card = await discord.command("write", text=json.dumps({**recipe, "written": ids}))
    assert (await ids_of(discord, card))[-len(ids) :] == ids
    discord.bot.core._results._kept.clear()
    assert (await ids_of(discord, card))[-len(ids) :] == ids
    discord.bot.core._results._kept.clear()
    assert (await ids_of(discord, await pressed(discord, card, "draw")))[-1 - len(ids) : -1] == ids


async def ids_of(discord: Discord, card: Exchange) -> list[int]:
    """The token ids in the files of a card."""
    taken = await discord.press(card, card.control("take"))
    arrays = np.load(io.BytesIO(dict(taken.files)["write.npz"]), allow_pickle=False)
    return arrays["ids"].tolist()


async def test_a_form_changes_the_settings(discord: Discord) -> None:
    card = await pressed(discord, await discord.command("write", text=TEXT), "likeliest")
    form = (await discord.press(card, card.control("sampling"))).form
    fields = [(label["label"], label["component"]["value"]) for label in form["components"]]
    assert fields == [("temperature", "1"), ("top_k", "50"), ("top_p", "1"), ("seed", "0")]
    changed = await discord.submit(card, form, "1,5", "", " 0.9 ", "7")
    assert is_changed(changed, card) and said(changed) == "tea"
    assert "`temperature:1.5 top_k:50 top_p:0.9 seed:7`" in changed.text
    discord.bot.core._results._kept.clear()
    assert (await discord.submit(card, form, "1.5", "50", "0.9", "7")).text == changed.text


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (("hot", "", "", ""), "`temperature` is a number from 0 to 5"),
        (("5.1", "", "", ""), "`temperature` is a number from 0 to 5"),
        (("-1", "", "", ""), "`temperature` is a number from 0 to 5"),
        (("", "1.5", "", ""), "`top_k` is a whole number from 0 to 1,000"),
        (("", "", "1e9", ""), "`top_p` is a number from 0 to 1"),
        (("", "", "", "9" * 20), "`seed` is a whole number from 0 to 4,294,967,295"),
    ],
)
async def test_settings_that_there_are_not(discord: Discord, typed: tuple[str, ...], reason: str) -> None:
    card = await discord.command("write", text=TEXT)
    form = (await discord.press(card, card.control("sampling"))).form
    refused = await discord.submit(card, form, *typed)
    assert refused.steps == ["callback 4"] and reason in refused.text


async def test_somebody_else_goes_on_with_a_copy(discord: Discord) -> None:
    card = await discord.command("write", text=TEXT)
    discord.person = BOB
    copy = await pressed(discord, card, "likeliest")
    assert copy.steps[0] == "callback 5" and copy.private and said(copy) == "tea"


async def test_attention_of_what_was_written_with_the_model_that_wrote_it(discord: Discord) -> None:
    card = await pressed(discord, await discord.command("write", text=TEXT), "likeliest")
    for _ in range(2):
        found = await discord.press(card, card.control("lens", "attention"))
        assert found.private and f"`{TEXT} tea`" in found.text and "-# bundled/gpt-mini · " in found.text
        discord.bot.core._results._kept.clear()


async def test_files_to_take_away_and_the_way_back(discord: Discord) -> None:
    card = await pressed(discord, await discord.command("write", text=TEXT, seed=4, temperature=0.7), "draw", "draw")
    taken = await discord.press(card, card.control("take"))
    files = dict(taken.files)
    assert set(files) == {"write.csv", "write.npz", "write.html", "write.svg"}
    rows = files["write.csv"].decode("utf-8-sig").splitlines()
    assert rows[0] == "#,token,id,probability,after settings,rank" and rows[1].startswith("1,") and len(rows) == 53
    with zipfile.ZipFile(io.BytesIO(files["write.npz"])) as arrays:
        assert {"written_ids.npy", "written_probabilities.npy", "next_shares.npy"} <= {*arrays.namelist()}
    recipe = re.search(r"`/write` takes this recipe as its text:\n```json\n(.*)\n```", taken.text)
    assert recipe
    again = await discord.command("write", text=recipe[1])
    assert (again.text, alt(again)) == (card.text, alt(card))
    other = await discord.command("write", text=recipe[1], temperature=0.0)
    assert said(other) == said(card) and "`temperature:0 top_k:50 top_p:1 seed:4`" in other.text
    anew = await discord.command("write", text=recipe[1], model="gpt2")
    assert not said(anew) and "-# gpt2 · " in anew.text and "temperature:0.7" in anew.text
    assert "another command" in (await discord.command("attention", text=recipe[1])).text


@pytest.mark.parametrize(
    "change",
    [{"written": "x"}, {"written": [-1]}, {"written": [10**6]}, {"written": [1.5]}, {"top_p": "0.9"}, {"seed": -1}],
)
async def test_a_recipe_that_no_card_has_made(discord: Discord, change: dict[str, Any]) -> None:
    recipe = {"command": "write", "text": "the cat", "model": "gpt2", "revision": "", **change}
    refused = await discord.command("write", text=json.dumps(recipe))
    assert not refused.files and "inside the bot" not in refused.text and refused.private


async def test_a_text_that_its_card_cannot_show_is_gone_with_the_process(discord: Discord) -> None:
    card = await discord.command("write", text="a `tick` and\na line")
    assert card.files and not list(rules.message_problems(card.message))
    assert said(await pressed(discord, card, "ten"))
    discord.bot.core._results._kept.clear()
    gone = await discord.press(card, step(card, "draw"))
    assert gone.steps == ["callback 4"] and gone.text.endswith("no longer kept: run /write again.")


async def test_what_a_model_writes_is_as_harmless_as_what_people_write(discord: Discord) -> None:
    recipe = {"command": "write", "text": "the", "model": "gpt2", "revision": ""}
    tokenizer = await discord.bot.core._tokenizer_for("write", "gpt2")
    hostile = tokenizer.encode("`@everyone` **<@1>** \u202e\u200b [x](http://y)").ids
    card = await discord.command("write", text=json.dumps({**recipe, "written": hostile[:48]}))
    assert "@everyone" in said(card) and "\u202e" not in str(card.parts) and "\u200b" not in str(card.parts)
    (line,) = (line for line in card.text.splitlines() if line.startswith("It wrote"))
    assert line.count("`") == 2 and line.endswith("`")


@pytest.mark.parametrize("options", [{"text": "___"}, {"text": "   "}, {"text": "the cat " * 40, "model": "gpt2"}])
async def test_texts_that_are_read_or_refused(discord: Discord, options: dict[str, str]) -> None:
    answer = await discord.command("write", **options)
    assert bool(answer.files) is (options["text"] == "___") and "inside the bot" not in answer.text


async def test_a_refused_text_is_edited_and_keeps_its_settings(discord: Discord) -> None:
    refused = await discord.command("write", text="the cat " * 40, model="gpt2", temperature=0.5, seed=3)
    form = (await discord.press(refused, refused.control("edit"))).form
    assert [label["label"] for label in form["components"]] == ["text", "model", "seed"]
    card = await discord.submit(refused, form, "the cat", "gpt2", "4")
    assert "`temperature:0.5 top_k:50 top_p:1 seed:4`" in card.text and "-# gpt2 · " in card.text


async def test_a_model_that_does_not_write(discord: Discord) -> None:
    refused = await discord.command("write", text="the cat", model="bert-masked-lm")
    assert "bert-masked-lm does not fit /write" in refused.text


async def test_a_form_without_its_card(discord: Discord) -> None:
    card = await discord.command("tokens", text="the cat")
    components = [{"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "x", "value": "1"}}]
    sent = discord.forge(MODAL_SUBMIT, {"custom_id": "sampled:ffffffffff:dark", "components": components}, card)
    await discord.settle()
    assert "no longer kept" in sent.text
