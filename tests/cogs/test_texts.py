"""/sentiment on several and on long texts, and /tokens with several tokenizers and backwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.cards.card import card_of
from core import Core
from core.language import ENGLISH
from core.results import DecodedText, ModelInfo, Sentiment, SentimentBatch, TokenizerComparison
from tests.cogs.cards.test_cards import HOSTILE, check, message, outside_code
from tests.tokenizers import load

from .inprocess import Discord
from .test_models import discord as discord


async def test_several_texts_at_once(discord: Discord) -> None:
    card = await discord.command("sentiment", text="i love it\n\nbad film\nthe cat", private=True)
    assert card.steps == ["callback 5", "PATCH"] and card.private
    assert "### 3 texts: " in card.text and "`bad film` " in card.text
    table = await discord.press(card, card.control("numbers"))
    assert "bad film" in table.text and "on top" in table.text
    refused = await discord.command("sentiment", text="\n".join("abcdefghijk"))
    assert refused.steps == ["callback 4"] and "there are 11" in refused.text


async def test_what_any_of_several_texts_has_that_is_unknown_is_named(discord: Discord) -> None:
    card = await discord.command("sentiment", text="i love it\nbad film 🤗")
    assert card.text.count("vocabulary lacks `🤗`") == 1


async def test_several_texts_typed_where_no_line_can_be_broken(discord: Discord) -> None:
    typed = await discord.command("sentiment", text="i love it ;; bad film;; the cat")
    lines = await discord.command("sentiment", text="i love it\nbad film\nthe cat")
    assert typed.text == lines.text and "### 3 texts: " in typed.text
    refused = await discord.command("sentiment", text=";;".join("abcdefghijk"))
    assert refused.steps == ["callback 4"] and "there are 11" in refused.text and "`;;`" in refused.text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (r"write \;; there", "`write ;; there`"),
        ("for (;;) fun", "`for (;;) fun`"),
        ("only one;;", "`only one;;`"),
        ("if {a || b}", "`if {a || b}`"),
        ("the set {x|x>0}", "`the set {x|x>0}`"),
        (r"the \{cat|film} is bad", "`the {cat|film} is bad`"),
    ],
)
async def test_one_text_is_read_as_it_is_meant(discord: Discord, typed: str, read: str) -> None:
    card = await discord.command("sentiment", text=typed)
    assert read in card.text and [id for id in card.controls if id.startswith("whatif")]


@pytest.mark.parametrize("text", ["{a|b} and {c|d}", "{a|a} film", "{cat|film} ;; bad"])
async def test_a_template_that_cannot_be_read_is_refused_before_anything_else(discord: Discord, text: str) -> None:
    refused = await discord.command("sentiment", text=text)
    assert refused.steps == ["callback 4"] and refused.private


async def test_a_template_stays_a_template_over_lines(discord: Discord) -> None:
    card = await discord.command("sentiment", text="the {cat|film}\nis bad")
    assert " is highest with `" in card.text and card.files[0][0] == "variants.png"


async def test_a_long_text_is_read_in_windows(discord: Discord) -> None:
    card = await discord.command("sentiment", text="i love this film " * 50)
    assert "windows that overlap" in card.text and "not read" not in card.text
    cut = await discord.command("sentiment", text="z " * 1900)
    assert "characters were not read." in cut.text
    assert not [id for id in card.controls if id.endswith(":why")]  # it would be refused


async def test_tokens_that_a_tokenizer_adds_make_it_no_worse(discord: Discord) -> None:
    card = await discord.command("tokens", text="cat", compare="roberta-masked-lm")
    heading, *lines = card.text.splitlines()
    assert heading == "### Both need equally many: 1 token"
    assert len([line for line in lines if "1 token (+2 added)" in line]) == 2
    assert "Counted without added tokens." in lines


async def test_tokenizers_side_by_side(discord: Discord) -> None:
    card = await discord.command("tokens", text="the cat 🤗", compare="gpt2, roberta-masked-lm")
    assert card.steps == ["callback 5", "PATCH"]
    heading = card.text.splitlines()[0]
    assert heading.startswith("### `bert-masked-lm` needs fewest: ") and heading.endswith(", 1 unknown")
    for name in ("bert-masked-lm", "gpt2", "roberta-masked-lm"):
        assert f"`{name}` " in card.text
    table = await discord.press(card, card.control("numbers"))
    assert "per character" in table.text
    given = await discord.press(card, card.control("listing"))
    assert given.private and [name for name, _ in given.files] == ["tokens.json", "tokens.csv"]
    assert given.text.count("```\n[") == 3 and "`gpt2`" in given.text
    refused = await discord.command("tokens", text="2 60", decode=True, compare="gpt2")
    assert refused.private and "leave out `compare:`" in refused.text


@pytest.mark.parametrize(
    ("compare", "sentence"),
    [
        ("../etc", "not among"),
        ("bert-masked-lm", "bert-masked-lm is compared in any case"),
        ("gpt2, bert-masked-lm", "bert-masked-lm is compared in any case"),
        ("gpt2, gpt2", "the model gpt2 twice"),
        (",,,", "one tokenizer only"),
        ("gpt2, roberta-masked-lm, bert-classifier, distilbert-masked-lm", "at most 4"),
    ],
)
async def test_what_cannot_be_compared_is_refused_at_once(discord: Discord, compare: str, sentence: str) -> None:
    refused = await discord.command("tokens", text="the cat", compare=compare)
    assert refused.steps == ["callback 4"] and sentence in refused.text


@pytest.mark.parametrize(("text", "sentence"), [("the cat", "write token ids"), ("999999", "ends at id")])
async def test_what_is_no_list_of_ids_is_refused_at_once(discord: Discord, text: str, sentence: str) -> None:
    await discord.command("tokens", text="the cat")
    refused = await discord.command("tokens", text=text, decode=True)
    assert refused.steps == ["callback 4"] and sentence in refused.text


async def test_one_is_not_many(discord: Discord) -> None:
    assert "### 1 token; " in (await discord.command("tokens", text="61", decode=True)).text
    assert "### 2 tokens; " in (await discord.command("tokens", text="61 62", decode=True)).text
    card = await discord.command("tokens", text="cat", model="gpt2")
    assert card.text.splitlines()[0].endswith(" 1 token; no word is cut") and card.text.endswith(" 1 token")


@pytest.mark.parametrize(
    ("command", "options", "model"),
    [
        ("sentiment", {"text": "the cat\nis bad"}, "bert-classifier"),
        ("sentiment", {"text": "the {cat|film} is bad"}, "bert-classifier"),
        ("tokens", {"text": "the cat", "compare": "gpt2"}, "bert-masked-lm"),
    ],
    ids=["texts", "fillings", "tokenizers"],
)
async def test_what_is_about_several_texts_does_not_tell_the_length_of_one(
    discord: Discord, command: str, options: dict[str, str], model: str
) -> None:
    card = await discord.command(command, **options)
    assert [line for line in card.text.splitlines() if line.startswith("-# ")] == [f"-# {model}"]


async def test_names_are_completed_one_after_the_other(discord: Discord) -> None:
    assert await discord.complete("tokens", "compare", "GP") == ["bundled/gpt-mini", "gpt2", "bundled/gpt2"]
    assert await discord.complete("tokens", "compare", "gpt2, rob") == [
        "gpt2, roberta-masked-lm",
        "gpt2, bundled/roberta-base",
    ]
    assert "gpt2, gpt2" not in await discord.complete("tokens", "compare", "gpt2,")
    assert await discord.complete("tokens", "compare", "x" * 99 + ", rob") == []


@pytest.mark.parametrize("model", ["", "gpt2", " gpt2 "])
async def test_what_is_compared_in_any_case_is_not_offered(discord: Discord, model: str) -> None:
    given = {"model": model} if model else {}
    offered = await discord.complete("tokens", "compare", "", **given)
    own = "gpt2" if "gpt2" in model else "bert-masked-lm"
    assert len(offered) == 14 and own not in offered and {"gpt2", "bert-masked-lm"} - {own} <= {*offered}
    card = await discord.command("tokens", text="the cat", compare=offered[0], **given)
    assert card.files[0][0] == "compare.png" and f"`{offered[0]}` " in card.text


@pytest.mark.parametrize(
    ("typed", "begin"),
    [
        (",,,", ""),
        (" , ;", ""),
        ("gpt2,,", "gpt2, "),
        ("gpt2 ; ", "gpt2, "),
        ("gpt2, gpt2, rob", "gpt2, "),
        ("bert-masked-lm, gpt2,", "gpt2, "),  # which is compared in any case
        (" gpt2 ,roberta-masked-lm,", "gpt2, roberta-masked-lm, "),
    ],
)
async def test_whatever_was_typed_is_completed_to_what_can_be_compared(
    discord: Discord, typed: str, begin: str
) -> None:
    offered = await discord.complete("tokens", "compare", typed)
    assert offered and all(names.startswith(begin) for names in offered)
    for names in offered:
        assert (await discord.command("tokens", text="the cat", compare=names)).files[0][0] == "compare.png"


async def test_no_more_is_offered_than_fits(discord: Discord) -> None:
    three = "gpt2, roberta-masked-lm, distilbert-classifier"
    assert await discord.complete("tokens", "compare", three) == [three]
    assert await discord.complete("tokens", "compare", f"{three}, dis") == []


async def test_ids_become_text(discord: Discord) -> None:
    there = await discord.command("tokens", text="the cat")
    ids = (await discord.press(there, there.control("listing"))).text.strip("`\n")
    back = await discord.command("tokens", text=ids, decode=True)
    assert "`the cat`" in back.text and "gives the same tokens" in back.text
    mood = await discord.press(back, back.control("lens", "sentiment"))
    assert "`the cat`" in mood.text and mood.private
    assert "write token ids" in (await discord.command("tokens", text="the cat", decode=True)).text
    assert "ends at id" in (await discord.command("tokens", text="999999", decode=True)).text


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_neutral_on_these_cards(core: Core, models: Path, text: str) -> None:
    readers = [
        load(models / name, ModelInfo(name * 4, bundled=True))
        for name in ("bert-masked-lm", "gpt2", "roberta-masked-lm", "gpt2")
    ]
    sources = [reader.encode(text) for reader in readers]
    mood = await core.sentiment(text[:40])
    long = await core.sentiment("the cat " * 200)
    results: list[TokenizerComparison | SentimentBatch | Sentiment | DecodedText] = [
        TokenizerComparison(tuple(sources)),
        SentimentBatch((mood,) * 10),
        Sentiment(sources[0], mood.scores, long.windows),
        *(DecodedText(source, False) for source in sources[:2]),
    ]
    for result in results:
        card = await card_of(core, ENGLISH, core.keep(result), result)
        check(card)
        said = [part["content"] for part in message(card)["components"][0]["components"] if "content" in part]
        for part in said:
            assert not set(outside_code(part)) & set("@<>|~[]\u202e\u200b")
        assert "everyone" not in outside_code("\n".join(said)) and "evil" not in outside_code("\n".join(said))
