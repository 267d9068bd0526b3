"""Results with several maps: an encoder and a decoder, and a minimal pair, from the command to each side's picture."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from core import Core, CoreSettings
from tests.cogs.inprocess import Discord, Exchange

TEXT = "The cat sat on the mat because it was tired."


@pytest.fixture
async def writer(models: Path, settings: CoreSettings) -> AsyncGenerator[Discord, None]:
    async with (
        Core.open(replace(settings, attention_model=str(models / "bart"))) as core,
        Discord(core).logged_in() as discord,
    ):
        yield discord


def alt(card: Exchange) -> str:
    (gallery,) = [part for part in card.parts if part["type"] == 12]
    return gallery["items"][0]["description"]


def options(card: Exchange, action: str) -> list[str]:
    return [option["value"] for option in card.controls[card.control(action)]["options"]]


async def test_the_decoder_looks_back_at_the_encoder(writer: Discord) -> None:
    card = await writer.command("attention", text=TEXT)
    assert "It wrote: `" in card.text and "Cross-attention · layer" in alt(card)
    assert options(card, "side") == ["cross", "encoder", "decoder"]
    assert {"rollout", "lenses", "map"}.isdisjoint(options(card, "kind"))
    for side, layers in (("encoder", 3), ("decoder", 2), ("cross", 2)):
        there = await writer.press(card, card.control("side"), side)
        assert f" of {layers}" in alt(there) and ("Cross-" in alt(there)) == (side == "cross")
        chosen = [
            option["value"] for option in there.controls[there.control("side")]["options"] if option.get("default")
        ]
        assert chosen == [side]
        onwards = await writer.press(there, there.control("look", ".on"))
        assert alt(onwards) != alt(there) and f" of {layers}" in alt(onwards)
        token = await writer.press(there, there.control("kind"), "token")
        assert ", token " in alt(token)


async def test_it_writes_what_it_is_told(writer: Discord) -> None:
    card = await writer.command("attention", text=TEXT, second="the mat was good", view="token", token=2)
    assert "It wrote" not in card.text and "Attention of" in alt(card)
    encoder = await writer.press(card, card.control("side"), "encoder")
    film = await writer.press(encoder, encoder.control("kind"), "rollout")
    assert "Rollout" in alt(film)
    back = await writer.press(film, film.control("side"), "cross")  # which has no rollout
    assert "Cross-attention" in alt(back)


async def test_a_minimal_pair(discord: Discord) -> None:
    card = await discord.command("attention", text="The cat was tired.", against="The cat was good.")
    assert "Difference · layer" in alt(card) and "`The cat was tired. [VS] The cat was good.`" in card.text
    assert options(card, "side") == ["difference", "first", "second"]
    assert {"token", "rollout", "lenses", "map", "norms"}.isdisjoint(options(card, "kind"))
    for kind in options(card, "kind"):
        picture = await discord.press(card, card.control("kind"), kind)
        assert alt(picture) and picture.steps == ["callback 6", "PATCH"]
    first = await discord.press(card, card.control("side"), "second")
    assert "Difference" not in alt(first) and "norms" in options(first, "kind")
    told = await discord.press(card, card.control("numbers"))
    assert "tired/good" in told.text and ("+0." in told.text or "−0." in told.text)


async def test_a_pair_of_pairs(discord: Discord) -> None:
    card = await discord.command("attention", text="The cat", second="it sat", against="The film")
    assert "`The cat [SEP] it sat [VS] The film [SEP] it sat`" in card.text
    assert "cat/film" in (await discord.press(card, card.control("numbers"))).text


async def test_nothing_changes_between_equal_texts(discord: Discord) -> None:
    card = await discord.command("attention", text="The cat", against="the cat ")
    assert card.text == "⚠️ Those two texts are the same to the model: change a word in one of them."


@pytest.mark.parametrize(
    "detail",
    ["rollout.0.0.1.all.difference.dark", "head.0.0.1.all.encoder.dark", "head.0.0.1.aa..dark", "x.0.0.1.all..dark"],
)
async def test_a_look_that_a_result_does_not_have_is_refused(discord: Discord, detail: str) -> None:
    card = await discord.command("attention", text="The cat was tired.", against="The cat was good.")
    button = card.controls[card.control("look", ".on")]
    button["custom_id"] = id = f"look:{button['custom_id'].split(':')[1]}:{detail}.on"
    refused = await discord.press(card, id)
    assert refused.extra and refused.extra[0]["content"].endswith(".")
