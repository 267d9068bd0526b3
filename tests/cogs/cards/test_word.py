"""/attention about one word: the card says what it looks at, and that is what its picture shows."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from core import Core, CoreSettings
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt
from tests.cogs.requests.test_replay import taken

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
    """What the bars of the picture of one token show: the longest of an ordinary word other than itself."""
    found = re.search(r"Attention of (.+?), .*It looks at (.+?)\. ", alt(card))
    assert found
    rows = [row.rsplit(" ", 1) for row in found[2].split(", ")]
    name, share = next(row for row in rows if not row[0].startswith("[") and row[0] != found[1])
    return name, float(share.rstrip("%"))


async def test_the_first_card_says_what_it_looks_at(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT)
    word, other, share = said(card)
    assert (word, other) == ("it", "animal") and share >= 40
    seen = await bundled.press(card, card.control("kind"), "token")
    assert " Attention of it, " in alt(seen) and told(seen) == ("animal", share)


@pytest.mark.parametrize("word", ["it", "IT", "tired", "12"])
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
        assert f" Attention of {word}, " in alt(card)


async def test_a_recipe_gives_the_same_card_again(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT)
    again = await bundled.command("attention", text=await taken(bundled, card))
    assert said(again) == said(card) and alt(again) == alt(card)


@pytest.mark.parametrize("kind", ["head", "token", "norms", "lenses", "rollout", "grid", "heads", "film", "map"])
async def test_the_sentence_on_the_card_is_the_title_of_its_picture(bundled: Discord, kind: str) -> None:
    card = await bundled.command("attention", text=TEXT, word="it", view=kind)
    for _ in range(3):
        sentence = card.text.splitlines()[1]
        assert alt(card).startswith(re.sub(r"`(.+?)`", r"“\1”", sentence) + " ")
        where = re.search(r"[Ll]ayer (\d+) of 6 · head (\d+) of 12", alt(card))
        if where and "in layer" in sentence:
            assert f"in layer {where[1]}, head {where[2]}." in sentence
        if step := [one for one in card.controls if one.startswith("look:") and one.endswith(".on")]:
            card = await bundled.press(card, step[0])


async def test_a_card_says_why_it_opens_where_it_does(bundled: Discord) -> None:
    pronoun = await bundled.command("attention", text=TEXT)
    assert "-# Chosen because the link from `it` to `animal` stands out" in pronoun.text
    word = await bundled.command("attention", text=TEXT, word="street")
    assert "-# Chosen because none of the 72 heads looks harder from `street` at another word" in word.text
    light = await bundled.press(word, word.control("look", ".theme"))
    assert light.text == word.text
    for options in ({"layer": 1}, {"layer": 1, "head": 2}, {"view": "grid"}):
        assert "-# Chosen" not in (await bundled.command("attention", text=TEXT, **options)).text
    moved = await bundled.press(pronoun, pronoun.control("look", ".on"))
    assert "-# Chosen" not in moved.text


async def test_a_card_about_a_word_that_has_only_a_neighbour_does_not_say_that_neighbours_do_not_count(
    bundled: Discord,
) -> None:
    card = await bundled.command("attention", text="The cat", word="cat")
    assert "`cat` looks most at `The`" in card.text
    assert "neighbours, and what a head does for every word, count only where there is nothing else." in card.text


async def test_a_chosen_layer_or_head_is_what_is_seen(bundled: Discord) -> None:
    chosen = (({"layer": 3}, "Layer 3 of 6 · mean of 12 heads"), ({"head": 5}, "Layer 1 of 6 · head 5 of 12"))
    for options, where in chosen:
        card = await bundled.command("attention", text=TEXT, word="it", **options)
        assert f" Attention of it, token 11 of 16, in bundled/minilm. {where}." in alt(card)


@pytest.mark.parametrize("token", ["it", "11", "because"])
async def test_a_token_is_a_word_or_a_number(bundled: Discord, token: str) -> None:
    card = await bundled.command("attention", text=TEXT, token=token)
    assert card.text == (await bundled.command("attention", text=TEXT, word=token)).text
    assert card.text.startswith("### Attention · One token\n")


async def test_a_word_is_one_row_in_every_picture_it_is_about(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT, word="it", view="heads")
    assert "`it` looks most at `animal`: 67.1% in layer 4, head 2" in card.text
    assert "Chosen because" in card.text
    assert "× animal" in alt(card) and "× didn't" in alt(card)
    other = await bundled.press(card, card.control("token"), "8")
    assert "`street` looks most at" in other.text


async def test_a_word_of_several_pieces_is_one_in_its_picture(bundled: Discord) -> None:
    text = "The well-known mother-in-law didn't believe the story because she distrusted it."
    card = await bundled.command("attention", text=text, word="mother-in-law")
    share = re.search(r"`mother-in-law` looks most at `The` \(1\): ([\d.]+%)", card.text)
    assert share and "mother-in-law" in alt(card).partition("It looks at")[2]
    assert f"the (1) {share[1]}" in alt(card)


async def test_the_tour_offers_the_word_first(bundled: Discord) -> None:
    card = await bundled.command("attention", text=TEXT, view="tour")
    assert card.controls[card.control("look", ".tour")]["label"] == "4.2 · it → animal"
    seen = await bundled.press(card, card.control("look", ".tour"))
    assert said(seen)[:2] == ("it", "animal")


async def test_the_words_of_the_text_are_offered(bundled: Discord) -> None:
    for option in ("word", "token"):
        assert await bundled.complete("attention", option, "", text="It didn't, it did: naïve 🎉!") == [
            "It",
            "didn't",
            "it (2)",
            "did",
            "naïve",
        ]
        assert await bundled.complete("attention", option, "i", text="Until it did, I") == ["it", "I", "Until", "did"]
    card = await bundled.command("attention", text="It was tired because it was late.", word="it (2)", view="heads")
    assert "`it` (2) looks most at" in card.text
    text = "It's clear that it was."
    assert await bundled.complete("attention", "word", "it", text=text) == ["It's", "it"]
    card = await bundled.command("attention", text=text, word="it", view="heads")
    assert "`it` looks most at" in card.text
    assert await bundled.complete("attention", "word", "DID", text="It didn't, it did") == ["didn't", "did"]
    assert await bundled.complete("attention", "word", "a") == []
    assert await bundled.complete("attention", "word", "", text="a" * 200) == []


async def test_words_of_a_text_without_spaces_are_offered_as_its_tokenizer_has_them(bundled: Discord) -> None:
    asked = {"text": "吾輩は猫である。私は犬ではない", "model": "bundled/minilm"}
    offered = await bundled.complete("attention", "word", "", **asked)
    assert offered == ["吾", "輩", "は", "猫", "である", "私", "は (2)", "犬", "ではない"]
    assert await bundled.complete("attention", "word", "は", **asked) == ["は", "は (2)", "ではない"]
    assert await bundled.complete("attention", "word", "猫", **asked) == ["猫"]
    for word in offered:
        card = await bundled.command("attention", word=word, view="token", **asked)
        named, _, number = word.partition(" ")
        assert f"`{named}` {number}".strip() in card.text.splitlines()[1]
