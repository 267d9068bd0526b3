"""/attention about one word: the card says what it looks at, and that is what its picture shows."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from core import Core, CoreSettings
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.test_presses import alt
from tests.cogs.test_replay import taken

TEXT = "The animal didn't cross the street because it was too tired."
SAID = re.compile(r"Of the other words, `(\S+)` looks most at `(\S+)`: ([\d.]+)% in layer (\d+), head (\d+)\.")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bundled() -> AsyncGenerator[Discord]:
    async with Core.open(CoreSettings.bundled()) as core, Discord(core).logged_in() as discord:
        yield discord


pytestmark = pytest.mark.asyncio(loop_scope="module")


def said(card: Exchange) -> tuple[str, str, float]:
    found = SAID.search(card.text)
    assert found, card.text
    return found[1], found[2], float(found[3])


def told(card: Exchange) -> tuple[str, float]:
    """The ordinary word that the picture of one token tells first, and its share."""
    found = re.search(r"It looks at (.+?)\. ", alt(card))
    assert found
    rows = [row.rsplit(" ", 1) for row in found[1].split(", ")]
    name, share = next(row for row in rows if not row[0].startswith("["))
    return name, float(share.rstrip("%"))


async def test_the_first_card_says_what_it_looks_at(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT)
    word, other, share = said(card)
    assert (word, other) == ("it", "animal") and share >= 40
    seen = await bundled.press(card, card.control("kind"), "token")
    assert alt(seen).startswith("Attention of it, ") and told(seen) == ("animal", share)


@pytest.mark.parametrize("word", ["it", "IT", "street", "12"])
async def test_a_word_opens_on_what_it_looks_at(bundled: Discord, word: str) -> None:
    card = await bundled.command("attention", text=TEXT, word=word)
    assert card.text.startswith("### Attention · One token\n")
    looks, other, share = said(card)
    assert looks == {"12": "tired"}.get(word, word.lower()) or word == "12"
    assert told(card) == (other, share)


@pytest.mark.parametrize("word", ["dog", "its", "@everyone"])
async def test_a_word_that_is_not_there_is_refused_at_once(bundled: Discord, word: str) -> None:
    refused = await bundled.command("attention", text=TEXT, word=word)
    assert refused.steps == ["callback 4"] and refused.private
    assert "That word is not in the text" in refused.text


async def test_a_number_beyond_the_text_is_refused(bundled: Discord) -> None:
    refused = await bundled.command("attention", text=TEXT, word="99")
    assert refused.private and "choose one from 1 to" in refused.text


async def test_a_difference_is_not_about_one_word(bundled: Discord) -> None:
    for view in ({}, {"view": "head"}):
        refused = await bundled.command(
            "attention", text=TEXT, against=TEXT.replace("tired", "wide"), word="it", **view
        )
        assert refused.steps == ["callback 4"] and "leave out the word" in refused.text


async def test_a_word_that_a_decoder_has_read_or_written(bundled: Discord) -> None:
    asked = {"text": "the cat sat on the mat", "second": "a dog", "model": "bundled/reverser"}
    for word in ("cat", "dog"):
        card = await bundled.command("attention", word=word, **asked)
        assert alt(card).startswith(f"Attention of {word}, ")


async def test_a_recipe_gives_the_same_card_again(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT)
    again = await bundled.command("attention", text=await taken(bundled, card))
    assert said(again) == said(card) and alt(again) == alt(card)


@pytest.mark.parametrize("kind", ["head", "token", "norms", "lenses"])
async def test_the_sentence_follows_the_head_that_is_seen(bundled: Discord, kind: str) -> None:
    card = await bundled.command("attention", text=TEXT, word="it", view=kind)
    for _ in range(3):
        card = await bundled.press(card, card.control("look", ".on"))
        found = SAID.search(card.text)
        where = re.search(r"[Ll]ayer (\d+) of 6 · head (\d+) of 12", alt(card))
        assert bool(found) == bool(where)
        if found and where:
            assert found.groups()[3:] == where.groups()


async def test_the_words_of_the_text_are_offered(bundled: Discord) -> None:
    assert await bundled.complete("attention", "word", "", text="It didn't, it did: naïve 🎉!") == [
        "It",
        "didn't",
        "it",
        "did",
        "naïve",
    ]
    assert await bundled.complete("attention", "word", "DID", text="It didn't, it did") == ["didn't", "did"]
    assert await bundled.complete("attention", "word", "a") == []
    assert await bundled.complete("attention", "word", "", text="a" * 200) == []
