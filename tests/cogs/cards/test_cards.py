"""What a card says can neither do anything nor break Discord's limits, whatever people write."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.playground.api import rules
from bot.playground.payloads import Json
from bot.playground.world import COMPONENTS_V2
from cogs.cards.attention_views import ATTENTION_VIEWS
from cogs.cards.audience import Audience
from cogs.cards.card import Card, card_of
from cogs.cards.markdown import SHOWN, TABLE_CHARACTERS, code_span, strip_invisible, table_block
from cogs.cards.view_state import ViewState
from cogs.requests.answering import ask
from core import Core
from core.errors import BadInput
from core.language import ENGLISH
from core.reading.masks import MAX_MASKS
from core.results import AttentionMap, Candidate, ModelInfo, Score, Sentiment, Table, Token, Tokenization, Unmasked
from tests.tokenizers import load

HOSTILE = [
    "@everyone @here <@1234567890> <@&1234567890> <#1234567890> </tokens:1234567890> <:cat:1234567890> <t:0:R>",
    "**bold** __under__ ~~gone~~ ||hidden|| `code` ```block``` > quote # heading -# small [link](https://evil.example)",
    "``` \n```\n@everyone\n# heading",
    "\u202eevil\u202c a\u200bb\u2060c\ufeffd \u2066e\u2069 \x00\x07\x1b[31m",
    "https://evil.example/?q=1 discord.gg/evil <script>alert(1)</script>",
    "x" * 2000,
    "🤗👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 مرحبا بالعالم שלום नमस्ते สวัสดี 日本語",
    "e" + "\u0301" * 300,
    "`" * 50,
]


def message(card: Card) -> Json:
    """A card as a message would hold it."""
    attachments = [{"filename": file.filename, "description": file.description} for file in card.files()]
    return {
        "content": "",
        "embeds": [],
        "flags": COMPONENTS_V2,
        "components": card.to_components(),
        "attachments": attachments,
    }


def check(card: Card) -> None:
    """Hold a card against Discord's limits; those of text also in UTF-16, for Discord does not say how it counts."""
    sent = message(card)
    assert not list(rules.message_problems(sent))
    parts = [part for _, part in rules.walk(sent["components"])]
    assert sum(len(part["content"].encode("utf-16-le")) // 2 for part in parts if part["type"] == rules.TEXT) <= 4000
    for part in parts:
        assert len(part.get("custom_id", "")) <= 100
        for option in part.get("options", ()):
            assert 1 <= len(option["label"].encode("utf-16-le")) // 2 <= 100
            assert option["label"].strip()
    (attachment,) = sent["attachments"]
    assert 1 <= len(attachment["description"]) <= 1024


def outside_code(text: str) -> str:
    """What Discord would format: all but the code spans."""
    assert text.count("`") % 2 == 0
    return "".join(text.split("`")[::2])


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_neutral(core: Core, text: str) -> None:
    results = [
        await core.tokens(text),
        await core.sentiment(text[:40]),
        await core.attention(text[:40]),
        await core.unmask(f"{text[:30]} ___"),
    ]
    for result in results:
        card = await card_of(core, ENGLISH, core.keep(result), result)
        check(card)
        said = [part["content"] for _, part in rules.walk(message(card)["components"]) if part["type"] == rules.TEXT]
        for part in said:
            assert not set(outside_code(part)) & set("@<>|~[]\u202e\u200b")
            assert not {unicodedata.category(character) for character in set(part) - set("\n\u200d")} & {"Cf", "Cc"}
        assert "everyone" not in outside_code("\n".join(said)) and "evil" not in outside_code("\n".join(said))


SOMEBODY = 10**19
"""The id of a person, as long as ids get."""
WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WRITABLE, kind=st.sampled_from(sorted(ATTENTION_VIEWS)), audience=st.sampled_from(get_args(Audience)))
@example(text="🤗" * 120, kind="token", audience="open")
async def test_any_text_makes_a_card_within_the_limits(
    core: Core, models: Path, text: str, kind: str, audience: Audience
) -> None:
    source = load(models / "bert-masked-lm", ModelInfo("a" * 96)).encode(text)
    source = Tokenization(source.text, source.model, source.tokens[:60])
    size = len(source.tokens)
    weights = np.random.default_rng(size).dirichlet(np.ones(size) * 0.1, (3, 2, size)).astype(np.float16)
    result = AttentionMap(source, weights)
    try:
        state = ViewState(kind, 2, 1, size - 1)
        card = await card_of(core, ENGLISH, core.keep(result), result, state, audience, SOMEBODY)
    except BadInput:  # no head of this map is worth a tour
        assume(False)
    check(card)
    mood = Sentiment(source, (Score(text[:80], 0.9), Score("B", 0.1)))
    check(await card_of(core, ENGLISH, core.keep(mood), mood, None, audience, SOMEBODY))
    mask = tuple(Candidate(n, text[:50], 1 / (n + 1), text) for n in range(20))
    masked = Unmasked(source, (mask,) * MAX_MASKS)
    check(await card_of(core, ENGLISH, core.keep(masked), masked, None, audience, SOMEBODY))


async def test_a_large_model_fits_into_a_card(core: Core) -> None:
    tokens = tuple(Token(n, f"token{n}", n, n + 1, word=n) for n in range(128))
    source = Tokenization("日" * 128, ModelInfo("large"), tokens)
    result = AttentionMap(source, np.full((96, 64, 128, 128), 1 / 128, np.float16))
    key = core.keep(result)
    for kind in ("head", "token"):
        check(await card_of(core, ENGLISH, key, result, ViewState(kind, 95, 63, 127)))


async def test_a_bundled_model_says_what_it_is(core: Core) -> None:
    source = Tokenization("a", ModelInfo("bundled/minilm", bundled=True), (Token(1, "a", 0, 1, word=0),))
    for result, says in ((Sentiment(source, (Score("GOOD", 1.0),)), True), (source, False)):  # a vocabulary is no model
        card = await card_of(core, ENGLISH, core.keep(result), result)
        told = str(card.to_components())
        assert ("a distilled BERT of 22 million" in told) == says
        assert told.count("expect less of it than of a full-size model") == says  # once, and not in the picture


async def test_a_picture_can_be_sent_again(core: Core) -> None:
    card = await ask(core, ENGLISH, "tokens", "the cat", tenant=None)
    (first,), (second,) = card.files(), card.files()
    assert first.fp.read() == second.fp.read() != b""


@given(st.text(max_size=400))
def test_a_quote_is_one_code_span(text: str) -> None:
    quoted = code_span(text)
    assert quoted[0] == quoted[-1] == "`" and "`" not in quoted[1:-1]
    assert 3 <= len(quoted) <= SHOWN + 2
    assert "\n" not in quoted and "\r" not in quoted
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in quoted)
    assert not set(quoted) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\ufeff")


def test_a_quote_keeps_what_can_be_read() -> None:
    assert code_span("The cat, 42% – “naïve” 日本 👩‍🚀") == "`The cat, 42% – “naïve” 日本 👩‍🚀`"
    assert code_span("a  b\n\nc") == "`a b c`"
    assert code_span("x" * 400) == f"`{'x' * (SHOWN - 1)}…`"
    assert strip_invisible("a\u202eb\u200bc") == "abc"


CELLS = st.text(max_size=40)
ROWS = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=130)
)


@given(ROWS)
def test_any_table_fits_into_a_message(rows: list[list[str]]) -> None:
    table = Table(tuple(rows[0]), tuple(map(tuple, rows[1:])))
    written = table_block(ENGLISH, table)
    assert len(written) <= 2000
    assert written.count("`") == 6  # the two fences
    inside = written.split("```")[1].strip("\n").split("\n")
    assert 1 <= len(inside) <= len(rows)
    assert all(len(line) <= TABLE_CHARACTERS for line in inside)


def test_a_table_says_what_it_leaves_out() -> None:
    table = Table(("a", "b"), tuple((str(n), "x" * 20) for n in range(200)))
    written = table_block(ENGLISH, table)
    shown = len(written.splitlines()) - 4
    assert written.endswith(f"-# the first {shown} of 200 rows: the file has all")
    assert "rows" not in table_block(ENGLISH, Table(("a",), (("1",),)))
