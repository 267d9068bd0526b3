"""Buttons, selects, forms and suggestions."""

from __future__ import annotations

import pytest

from bot.playground import Exchange, LocalDiscord, Refused
from bot.playground.gateway import RESUMES_WITHIN
from bot.playground.payloads import Json
from tests.wire.protocol.sample_bot import SampleBot


@pytest.fixture
async def message(local_discord: LocalDiscord, sample_bot: SampleBot) -> Json:
    exchange = await local_discord.command("direct")
    await local_discord.until(lambda: exchange.answers == 3)
    assert exchange.message
    return exchange.message


async def test_a_button_changes_its_message_at_once(local_discord: LocalDiscord, message: Json) -> None:
    exchange = await local_discord.press(message, "again")
    assert exchange.steps == ["updated"]
    assert exchange.message and exchange.message["id"] == message["id"]
    assert exchange.message["content"] == "edited by the button"
    assert exchange.message["interaction_metadata"] == message["interaction_metadata"]
    assert exchange.message["edited_timestamp"] is not None


async def test_a_button_changes_its_message_later(local_discord: LocalDiscord, message: Json) -> None:
    exchange = await local_discord.press(message, "draw", user="bob")
    assert exchange.steps == ["deferred", "edited"]
    assert exchange.message and exchange.message["id"] == message["id"]
    assert [attachment["filename"] for attachment in exchange.message["attachments"]] == ["drawn.png"]
    assert not local_discord.world.files.keys() & {attachment["id"] for attachment in message["attachments"]}


async def test_a_button_answers_in_private(local_discord: LocalDiscord, message: Json) -> None:
    exchange = await local_discord.press(message, "think", user="bob")
    assert exchange.message and exchange.message["id"] != message["id"]
    assert (exchange.message["content"], exchange.private) == ("thought about it", True)
    assert exchange.message["interaction_metadata"]["interacted_message_id"] == message["id"]
    bob, alice = local_discord.world.person("bob"), local_discord.world.person("alice")
    assert local_discord.world.visible(exchange.message, bob)
    assert not local_discord.world.visible(exchange.message, alice)


async def test_a_select(local_discord: LocalDiscord, message: Json) -> None:
    exchange = await local_discord.press(message, "layer", ["2"])
    assert exchange.message and exchange.message["content"] == "layer 2"


@pytest.mark.parametrize(
    ("custom_id", "values", "reason"),
    [
        ("layer", ["9"], "no option 9"),
        ("layer", [], "between 1 and 1"),
        ("layer", ["1", "2"], "between 1 and 1"),
        ("again", ["1"], "only be chosen in a list"),
        ("off", None, "no control off"),
        ("nothing", None, "no control nothing"),
    ],
)
async def test_what_the_client_would_not_send(
    local_discord: LocalDiscord, message: Json, custom_id: str, values: list[str] | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        await local_discord.press(message, custom_id, values)


async def test_private_messages_are_only_for_their_person(local_discord: LocalDiscord, sample_bot: SampleBot) -> None:
    exchange = await local_discord.command("card", {"private": True}, user="bob")
    assert exchange.message
    with pytest.raises(Refused, match="not there"):
        await local_discord.press(exchange.message, "next", user="alice")


async def form(local_discord: LocalDiscord) -> Exchange:
    exchange = await local_discord.command("form")
    assert exchange.modal and exchange.modal["title"] == "A question"
    assert (exchange.steps, exchange.message) == (["asked"], None)
    return exchange


@pytest.mark.usefixtures("sample_bot")
async def test_a_form_is_filled_in(local_discord: LocalDiscord) -> None:
    answer = await local_discord.submit(await form(local_discord), {"words": "be nice", "tone": ["dry"]})
    assert answer.message and answer.message["content"] == "be nice (dry)"
    metadata = answer.message["interaction_metadata"]
    assert (metadata["type"], metadata["triggering_interaction_metadata"]["type"]) == (5, 2)


@pytest.mark.usefixtures("sample_bot")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"tone": "dry"}, "Words: this field is required"),
        ({"words": "x", "tone": "dry"}, "Words: write between 2 and 20 characters; these are 1"),
        ({"words": "x" * 21, "tone": "dry"}, "these are 21"),
        ({"words": "fine"}, "Tone: choose between 1 and 1"),
        ({"words": "fine", "tone": "rude"}, "no option rude"),
    ],
)
async def test_a_form_filled_in_badly(local_discord: LocalDiscord, fields: Json, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        await local_discord.submit(await form(local_discord), fields)


@pytest.mark.usefixtures("sample_bot")
async def test_suggestions(local_discord: LocalDiscord) -> None:
    exchange = await local_discord.autocomplete("options", {"layer": "1"}, "layer")
    assert exchange.choices == [{"name": "layer 1", "value": "1"}]
    with pytest.raises(Refused, match="no suggestions"):
        await local_discord.autocomplete("options", {"text": "a"}, "text")


async def test_without_a_bot_nothing_is_sent(local_discord: LocalDiscord, message: Json, sample_bot: SampleBot) -> None:
    await sample_bot.close()
    await local_discord.until(lambda: not local_discord.gateway.online)
    local_discord.clock.advance(RESUMES_WITHIN)
    with pytest.raises(Refused, match="not online"):
        await local_discord.press(message, "again")
