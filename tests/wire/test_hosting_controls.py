"""Controls of cards from before a restart: they work, or say kindly what to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.playground import Exchange, LocalDiscord
from bot.playground.payloads import Json
from cogs.cards.asked import EXACT, text_display
from cogs.cards.question import CardQuestion, command_of_card
from core.errors import Expired
from core.results import Candidate, ModelInfo, Tokenization, Unmasked

from .hosting import control, hosted, texts

TEXT = "the cat sat on the mat"


async def card(local: LocalDiscord, command: str, options: Json, **where: str) -> Json:
    exchange = await local.command(command, options, **where)  # type: ignore[arg-type]
    assert exchange.message and exchange.message["components"], exchange.message
    return exchange.message


async def pressed_after_restart(
    local: LocalDiscord, models: Path, command: str, options: Json, beginning: str, *values: str, **by: str
) -> tuple[Json, Exchange]:
    async with hosted(local, models):
        before = await card(local, command, options)
    async with hosted(local, models):
        return before, await local.press(before, control(before, beginning), values or None, **by)


async def test_another_layer(local_discord: LocalDiscord, models: Path) -> None:
    asked = {"text": TEXT, "layer": 1, "head": 1}
    before, exchange = await pressed_after_restart(local_discord, models, "attention", asked, "layer", "2")
    assert exchange.message and exchange.message["id"] == before["id"]
    assert exchange.steps == ["deferred", "edited"]
    assert ":head.2.0." in control(exchange.message, "numbers")
    assert f"`{TEXT}`" in texts(exchange.message)


async def test_the_picture_is_the_one_of_before(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        second = await card(local_discord, "attention", {"text": TEXT, "layer": 2, "head": 1})
        wanted = await local_discord.attachment(second["attachments"][0]["url"])
    asked = {"text": TEXT, "layer": 1, "head": 1}
    _, exchange = await pressed_after_restart(local_discord, models, "attention", asked, "layer", "1")
    assert exchange.message
    assert await local_discord.attachment(exchange.message["attachments"][0]["url"]) == wanted


@pytest.mark.parametrize("command", ["sentiment", "unmask", "tokens", "attention"])
async def test_the_numbers_are_those_of_before(local_discord: LocalDiscord, models: Path, command: str) -> None:
    asked: Json = {"text": f"{TEXT} ___"} | ({"top": 13} if command == "unmask" else {})
    async with hosted(local_discord, models):
        message = await card(local_discord, command, asked)
        before = await local_discord.press(message, control(message, "numbers"))
    async with hosted(local_discord, models):
        after = await local_discord.press(message, control(message, "numbers"), user="bob")
        again = await local_discord.press(message, control(message, "numbers"))
    assert before.message and after.message and again.message
    assert after.message["content"] == again.message["content"] == before.message["content"]
    assert after.private and after.steps == again.steps == ["deferred", "edited"]


async def test_a_lens(local_discord: LocalDiscord, models: Path) -> None:
    before, exchange = await pressed_after_restart(
        local_discord, models, "sentiment", {"text": TEXT}, "lens", user="bob"
    )
    assert exchange.message and exchange.private and exchange.message["id"] != before["id"]
    assert f"`{TEXT}`" in texts(exchange.message)
    assert local_discord.world.messages[before["id"]] == before


async def test_a_private_card_stays_private(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        public = await card(local_discord, "sentiment", {"text": TEXT})
        private = await local_discord.press(public, _lens(public, "attention"), user="bob")
        assert private.message
    async with hosted(local_discord, models):
        shown_first = dict(private.message)
        exchange = await local_discord.press(private.message, control(private.message, "layer"), ["2"], user="bob")
        assert exchange.message and exchange.message["id"] == private.message["id"] and exchange.private
        assert exchange.message["components"] != shown_first["components"]
        assert local_discord.world.messages[public["id"]] == public


def _lens(message: Json, command: str) -> str:
    key = control(message, "lens").split(":")[1]
    return f"lens:{key}:{command}"


@pytest.mark.parametrize("text", ["the  cat", "the `cat`", "the cat " * 60, "the \u202ecat", "the cat\nsat"])
async def test_what_a_card_cannot_hold_has_to_be_asked_again(
    local_discord: LocalDiscord, models: Path, text: str
) -> None:
    before, exchange = await pressed_after_restart(local_discord, models, "tokens", {"text": text}, "numbers")
    assert exchange.message and exchange.private
    assert exchange.message["content"].endswith("That result is no longer kept: run /tokens again.")
    assert local_discord.world.messages[before["id"]] == before


async def test_another_model_since(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        before = await card(local_discord, "attention", {"text": TEXT})
    other = str(models / "distilbert-masked-lm")
    async with hosted(local_discord, models, attention_model=other):  # the card's model still is that of others
        exchange = await local_discord.press(before, control(before, "numbers"))
    assert exchange.message and "from   to" in exchange.message["content"]
    gone = {"attention_model": other, "unmask_model": other, "tokens_model": other}
    async with hosted(local_discord, models, **gone):
        exchange = await local_discord.press(before, control(before, "numbers"))
    assert exchange.message and exchange.message["content"].endswith("run /attention again.")


@pytest.mark.parametrize("options", [{}, {"query": "1 0; 0 1", "mask": "causal"}])
async def test_an_exercise_is_worked_out_again(local_discord: LocalDiscord, models: Path, options: Json) -> None:
    _, exchange = await pressed_after_restart(local_discord, models, "lab", options, "numbers")
    assert exchange.message and exchange.private and exchange.message["content"].startswith("```")


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(1, 20))
def test_a_text_is_marked_exact_only_where_it_can_be_read_back(text: str, top: int) -> None:
    source = Tokenization(text, ModelInfo("m"), ())
    display = text_display(text, Unmasked(source, ((Candidate(1, "a", 0.5, "a"),) * top,)))
    assert display.id == (EXACT + top if display.content == f"`{text}`" else None)


async def test_words_to_compare_are_compared_again(local_discord: LocalDiscord, models: Path) -> None:
    asked = {"text": "the ___ sat", "targets": "cat, mat"}
    before, exchange = await pressed_after_restart(local_discord, models, "unmask", asked, "numbers")
    assert "`targets:" in texts(before)
    assert exchange.message and all(word in exchange.message["content"] for word in ("cat", "mat"))


def test_a_card_without_anything_holds_nothing() -> None:
    with pytest.raises(Expired, match="no longer kept: run the command again"):
        command_of_card(None)
    with pytest.raises(Expired, match="no longer kept: run the command again"):
        assert CardQuestion.read(None).text


async def test_a_refused_command_is_edited_after_a_restart(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        refused = await local_discord.command("unmask", {"text": TEXT, "top": "3", "private": "true"})
        assert refused.private and refused.message
        (shown,) = refused.message["embeds"]
        assert (shown["author"]["name"], shown["title"], shown["footer"]["text"]) == (
            "/unmask",
            "text",
            "top:3 private:True",
        )
    async with hosted(local_discord, models):
        opened = await local_discord.press(refused.message, control(refused.message, "edit"))
        assert opened.modal and opened.steps == ["asked"]
        ids = [label["component"]["custom_id"] for label in opened.modal["components"]]
        sent = await local_discord.submit(opened, dict(zip(ids, [f"{TEXT} ___", "4"], strict=True)))
        assert sent.private and sent.message and f"`{TEXT} [MASK]`" in texts(sent.message)
