"""Controls that no card ever offered: whoever makes them up gets a sentence, and the host's log stays as it is."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cogs.actions.registry import ACTIONS
from cogs.cards.attention_views import ATTENTION_VIEWS
from cogs.cards.sides import SWAPPED
from cogs.cards.view_state import MAPS, TOKENS
from core.commands import COMMANDS, FOLLOW_UPS
from tests.cogs.inprocess import ALICE, BOB, COMPONENT, MODAL_SUBMIT, Discord, Exchange

NUMBERS = st.sampled_from(["0", "1", "2", "-1", "-2", "99", "-99", "9" * 12, "x", "", "1.5", "½"])
WORDS = st.text("abz019_-", max_size=8)
STATES = st.tuples(
    st.one_of(st.sampled_from([*ATTENTION_VIEWS, "x"]), WORDS),
    *[NUMBERS] * 3,
    st.one_of(st.sampled_from([*TOKENS]), WORDS),
    st.one_of(st.sampled_from(["", *MAPS, *SWAPPED]), WORDS),
    st.sampled_from(["dark", "light", "x", "dark.0.1", "dark.-2.-1", "light.9", "dark.x.y"]),
).map(".".join)
DETAILS = st.one_of(
    STATES,
    STATES.map(lambda state: f"{state}.on"),
    st.sampled_from([*COMMANDS, *FOLLOW_UPS, "lab", "draw", "keep", "sentiment.light", ""]),
    st.text("abz019_.-", max_size=20),
)
WANTED = st.one_of(NUMBERS, st.sampled_from([*ATTENTION_VIEWS, *TOKENS, *MAPS, *SWAPPED]), st.text(max_size=9))
VALUES = st.lists(WANTED, max_size=2)
CARDS = 8


@pytest.fixture
async def cards(discord: Discord) -> list[Exchange]:
    """Answers of several kinds, all of one person, whose results are kept."""
    return [
        await discord.command("attention", text="the cat sat"),
        await discord.command("attention", text="the cat sat", against="the dog sat"),
        await discord.command("sentiment", text="a good film"),
        await discord.command("tokens", text="the cat"),
        await discord.command("unmask", text="the ___ sat"),
        await discord.command("lab", query="1 0; 0 1"),
        await discord.command("attention", text="the cat sat", **{"with": "bundled/minilm"}),
        await discord.command("sentiment", text="a good film", **{"with": "bundled/minilm"}),
    ]


def key_of(card: Exchange) -> str:
    return next(iter(card.controls)).split(":")[1]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(0, CARDS - 1),
    known=st.booleans(),
    owner=st.booleans(),
    action=st.sampled_from([*ACTIONS, "x"]),
    detail=DETAILS,
    values=VALUES,
)
async def test_whatever_is_made_up_is_answered_and_quietly(
    discord: Discord,
    cards: list[Exchange],
    caplog: pytest.LogCaptureFixture,
    number: int,
    known: bool,
    owner: bool,
    action: str,
    detail: str,
    values: list[str],
) -> None:
    caplog.clear()
    custom_id = f"{action}:{key_of(cards[number]) if known else 'f' * 10}:{detail}"[:100]
    select: dict[str, Any] = {"type": 3, "id": 99, "custom_id": custom_id, "options": [{"label": "x", "value": "x"}]}
    shape = {"component_type": 3, "id": 99, "custom_id": custom_id, "values": values}
    discord.person = ALICE if owner else BOB
    pressed = discord.forge(COMPONENT, shape, cards[number], {"type": 1, "id": 98, "components": [select]})
    await discord.settle()
    assert pressed.sent and "inside the bot" not in pressed.text
    assert owner or "callback 6" not in pressed.steps  # nobody else's card is changed, whatever was made up
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("value", ["", "x" * 4000, "\u200b", "{a|b}", "___"])
@pytest.mark.parametrize("custom_id", ["changed:ffffffffff:x", "changed:0000000000:", "x:0000000000:y", "", "changed"])
async def test_a_form_that_was_never_opened(
    discord: Discord, cards: list[Exchange], caplog: pytest.LogCaptureFixture, custom_id: str, value: str
) -> None:
    field = {"type": 4, "id": 2, "custom_id": "made-up", "value": value}
    components = [{"type": 18, "id": 1, "component": field}]
    sent = discord.forge(MODAL_SUBMIT, {"custom_id": custom_id, "components": components}, cards[2])
    await discord.settle()
    assert len([one for one in sent.sent if one.method == "POST"]) == 1 and "inside the bot" not in sent.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("action", ["lens", "rescue"])
@pytest.mark.parametrize("way", ["changed", "attention_row", "attention_with", "lab", "x"])
async def test_a_way_that_needs_more_than_a_text_is_not_gone(
    discord: Discord, cards: list[Exchange], caplog: pytest.LogCaptureFixture, action: str, way: str
) -> None:
    for card in cards:
        custom_id = f"{action}:{key_of(card)}:{way}"
        select = {"type": 3, "id": 99, "custom_id": custom_id, "options": [{"label": "x", "value": "x"}]}
        shape = {"component_type": 3, "id": 99, "custom_id": custom_id, "values": []}
        pressed = discord.forge(COMPONENT, shape, card, {"type": 1, "id": 98, "components": [select]})
        await discord.settle()
        assert pressed.sent and "inside the bot" not in pressed.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
