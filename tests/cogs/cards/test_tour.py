"""The tour on the attention card: where it starts, and its way to each head."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from cogs.cards.attention_views import picture_of
from cogs.cards.card import Card, card_of
from cogs.cards.notes import attention_headline
from cogs.cards.view_state import ViewState
from core import Core, CoreSettings
from core.errors import BadInput
from core.language import ENGLISH
from core.results import AttentionMap, ModelInfo, Token, Tokenization

COMMANDS = ("sentiment_model", "unmask_model", "tokens_model", "attention_model")
WORDS = "the cat sat on mats".split()
SOURCE = Tokenization(
    " ".join(WORDS), ModelInfo("m"), tuple(Token(n, word, 0, 0, word=n) for n, word in enumerate(WORDS))
)
EVEN = np.full((5, 5), 0.2)


def looking(offset: int) -> np.ndarray:
    ahead = np.eye(5, k=offset)
    return np.where(ahead.any(axis=1, keepdims=True), ahead, EVEN)


SHARP = AttentionMap(SOURCE, np.array([[EVEN, EVEN], [looking(-1), looking(1)]], np.float16))
DULL = AttentionMap(SOURCE, np.array([[EVEN, EVEN]], np.float16))


def controls_of(card: Card) -> list[dict[str, Any]]:
    rows = [row for row in card.to_components()[0]["components"] if row["type"] == 1]
    return [control for row in rows for control in row["components"]]


def test_what_wrote_no_word_has_a_picture_of_its_first_token():
    special = Tokenization("", ModelInfo("m"), (Token(0, "</s>", 0, 0, special=True),))
    attention = AttentionMap(SOURCE, np.full((1, 1, 1, 5), 0.2, np.float16), rows=special)
    for kind in ("token", "arcs", "heads", "film"):
        picture: Any = picture_of(attention, ViewState(kind))
        assert picture.position == 0 and picture.draw().alt


def test_it_starts_at_the_clearest_head_or_at_the_first_mean():
    assert ViewState.initial(SHARP) == ViewState("head", 1, 0)
    assert ViewState.initial(DULL) == ViewState()


async def test_each_stop_has_a_button_that_leads_to_its_head(tmp_path):
    settings = CoreSettings(**dict.fromkeys(COMMANDS, str(tmp_path)))
    async with Core.open(settings) as core:
        key = core.keep(SHARP)
        card = await card_of(core, ENGLISH, key, SHARP, ViewState("tour"))
        controls = controls_of(card)
        stops = [control for control in controls if control["custom_id"].endswith(".tour")]
        assert [button["label"] for button in stops] == ["2.1 · previous", "2.2 · next", "1.1 · broad"]
        details = [button["custom_id"].split(":")[2].rpartition(".")[0] for button in stops]
        heads = [(look.layer, look.head) for look in map(ViewState.parse, details) if look.kind == "head"]
        assert heads == [(1, 0), (1, 1), (0, 0)]
        assert len({control["custom_id"] for control in controls}) == len(controls)
        with pytest.raises(BadInput):
            await card_of(core, ENGLISH, key, DULL, ViewState("tour"))


@pytest.mark.parametrize(("attention", "offered"), [(SHARP, True), (DULL, False)])
async def test_it_is_offered_where_a_head_stands_out(tmp_path, attention: AttentionMap, offered: bool):
    settings = CoreSettings(**dict.fromkeys(COMMANDS, str(tmp_path)))
    async with Core.open(settings) as core:
        card = await card_of(core, ENGLISH, core.keep(attention), attention, ViewState())
    (kinds,) = [control for control in controls_of(card) if control["custom_id"].startswith("kind:")]
    assert ("tour" in [option["value"] for option in kinds["options"]]) is offered


def test_the_words_of_a_link_are_harmless_on_a_card():
    text = "**bold** and @everyone saw ||spoilers||"
    starts = [text.index(word) for word in text.split()]
    words = zip(text.split(), starts, strict=True)
    tokens = tuple(Token(n, word, at, at + len(word), word=n) for n, (word, at) in enumerate(words))
    weights = np.full((1, 2, 5, 5), 0.2)
    weights[0, 1, 0] = [0, 0, 0, 0.05, 0.95]
    attention = AttentionMap(Tokenization(text, ModelInfo("m"), tokens), weights.astype(np.float16))
    for state in (ViewState("head", 0, 1), ViewState("head", 0, 1, 0), ViewState("token", 0, 1, 0)):
        _, *lines = attention_headline(ENGLISH, attention, state).splitlines()
        assert any(line.startswith("-# ") for line in lines)
        for line in lines:
            outside = re.sub(r"`[^`]+`", "", line)
            assert "`**bold**`" in line and "`||spoilers||`" in line and "*" not in outside and "|" not in outside
