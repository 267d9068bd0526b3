"""Two people and one card: whose it is, who changes it, and how what one person sees is shown to everybody."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bot.client.errors import MARK
from bot.playground import Exchange, LocalDiscord
from bot.playground.api.rules import SELECT, walk
from bot.playground.payloads import SEND_MESSAGES, USE_EXTERNAL_APPS, Json
from cogs.actions.examples import EXAMPLES

from .hosting import control, hosted, texts

TEXT = "the cat sat on the mat"
CARDS: dict[str, Json] = {
    "sentiment": {"text": TEXT},
    "unmask": {"text": f"{TEXT} ___"},
    "tokens": {"text": "the cat🤗"},
    "attention": {"text": TEXT, "layer": 1, "head": 1},
    "lab": {},
}

Meanwhile: TypeAlias = Callable[[], Awaitable[None]]


@pytest.fixture(params=[False, True], ids=["at once", "after a restart"])
async def meanwhile(
    request: pytest.FixtureRequest, local_discord: LocalDiscord, models: Path
) -> AsyncGenerator[Meanwhile]:
    """A bot is running; what is given starts another one in its place, which keeps nothing of it, or does nothing."""
    async with AsyncExitStack() as running:
        await running.enter_async_context(hosted(local_discord, models))

        async def wait() -> None:
            if request.param:
                await running.aclose()
                await running.enter_async_context(hosted(local_discord, models))

        yield wait


@pytest.fixture
def local(local_discord: LocalDiscord) -> LocalDiscord:
    """Alice reads English, Bob German."""
    local_discord.world.speaks[local_discord.world.person("bob")["id"]] = "de"
    return local_discord


async def ask(local: LocalDiscord, command: str, options: Json, **who: Any) -> Json:
    exchange = await local.command(command, options, **who)
    assert exchange.message and exchange.message["components"], exchange.message
    return exchange.message


async def press(local: LocalDiscord, card: Json, beginning: str, *values: str, **by: str) -> Exchange:
    """Press the first control of a card, as it is now, that begins like this."""
    return await local.press(card, control(local.world.messages[card["id"]], beginning), values or None, **by)


def ids(message: Json) -> list[str]:
    return [part["custom_id"] for _, part in walk(message["components"]) if "custom_id" in part]


def offers(message: Json) -> list[str]:
    """What a card offers about its audience."""
    return [id.partition(":")[0] for id in ids(message) if id.startswith(("show:", "open:", "close:"))]


def said(exchange: Exchange) -> str:
    """The sentence of a refusal that only one person sees."""
    assert exchange.message and exchange.private and exchange.message["content"].startswith(MARK)
    return exchange.message["content"]


def owner(message: Json) -> str:
    return message["interaction_metadata"]["user"]["username"]


async def picture(local: LocalDiscord, message: Json) -> bytes:
    return await local.attachment(message["attachments"][0]["url"])


# A card is its owner's


async def test_its_owner_changes_a_card_and_others_get_a_copy(local: LocalDiscord, meanwhile: Meanwhile) -> None:
    card = await ask(local, "attention", CARDS["attention"], user="alice")
    await meanwhile()
    other = await press(local, card, "layer", "2", user="bob")
    copy = other.message
    assert copy and other.steps == ["deferred", "edited"] and other.private and owner(copy) == "bob"
    assert local.world.messages[card["id"]] == card
    assert "Schicht 3 von 3" in copy["attachments"][0]["description"] and "Als Text" in str(copy)
    await meanwhile()
    further = await press(local, copy, "kind", "grid", user="bob")
    assert further.message and further.message["id"] == copy["id"] and further.private
    assert local.world.messages[card["id"]] == card
    mine = await press(local, card, "layer", "1", user="alice")
    assert mine.message and mine.message["id"] == card["id"] and not mine.private
    assert "Layer 2 of 3" in mine.message["attachments"][0]["description"]


@pytest.mark.parametrize("command", CARDS)
async def test_no_control_lets_somebody_else_change_a_card(local: LocalDiscord, models: Path, command: str) -> None:
    async with hosted(local, models):
        card = await ask(local, command, CARDS[command], user="alice")
        for _, part in [*walk(card["components"])]:
            if "custom_id" in part:
                values = [part["options"][-1]["value"]] if part["type"] == SELECT else None
                exchange = await local.press(card, part["custom_id"], values, user="bob")
                assert exchange.modal or (exchange.message and exchange.private), part["custom_id"]
                assert local.world.messages[card["id"]] == card, part["custom_id"]


async def test_a_copy_has_the_theme_that_its_person_chose(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        card = await ask(local, "sentiment", CARDS["sentiment"], user="alice")
        copy = (await press(local, card, "look", user="bob")).message
        assert copy and local.world.messages[card["id"]] == card and control(copy, "numbers").endswith(".light")


async def test_in_a_conversation_with_the_bot_there_is_nobody_else(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        for private in (False, True):
            card = await ask(local, "attention", {**CARDS["attention"], "private": private}, where="dm")
            changed = await press(local, card, "layer", "1")
            assert changed.message and changed.message["id"] == card["id"]
            assert not offers(card) and not offers(changed.message)


# Show everyone


async def answered(local: LocalDiscord, kind: str) -> Json:
    """A private answer of some kind, Bob's."""
    if kind in CARDS:
        return await ask(local, kind, {**CARDS[kind], "private": True}, user="bob")
    match kind.split():
        case ["menu", name]:
            exchange = await local.command(name, target=local.say(TEXT, user="alice"), user="bob")
        case ["example", name]:
            lesson = await local.command("help", user="bob")
            assert lesson.message
            exchange = await local.press(lesson.message, f"example:{'0' * 10}:{name}", user="bob")
        case ["whatif"]:
            card = await ask(local, "sentiment", CARDS["sentiment"], user="alice")
            form = await press(local, card, "whatif", user="bob")
            assert form.modal
            (field,) = [part for _, part in walk(form.modal["components"]) if part.get("value")]
            exchange = await local.submit(form, {field["custom_id"]: "the cat hates the mat"})
        case [command, action]:
            card = await ask(local, command, CARDS[command], user="alice")
            (custom_id,) = [id for id in ids(card) if id.startswith(action) or id.endswith(f":{action}")]
            exchange = await local.press(card, custom_id, user="bob")
        case other:
            raise AssertionError(other)
    assert exchange.message and exchange.private and exchange.message["components"], exchange.message
    return exchange.message


KINDS = [
    *CARDS,
    *(f"menu {name}" for name in ("Sentiment", "Tokens", "Attention")),
    *(f"example {name}" for name in EXAMPLES if name != "learn"),  # see test_learn.py
    *(f"sentiment {way}" for way in ("why", "tokens", "attention", "look")),
    *("whatif", "unmask layers", "unmask why_word", "tokens surprisal", "unmask sentiment", "tokens rescue"),
]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_private_answer_is_shown_to_everyone(local: LocalDiscord, meanwhile: Meanwhile, kind: str) -> None:
    private = await answered(local, kind)
    assert offers(private) == ["show"]
    await meanwhile()
    exchange = await press(local, private, "show:", user="bob")
    public = exchange.message
    assert public and exchange.steps == ["deferred", "edited"] and not exchange.private
    line = f"-# gezeigt von <@{local.world.person('bob')['id']}>"
    assert sorted(texts(public).splitlines()) == sorted([*texts(private).splitlines(), line]) and not public["mentions"]
    assert owner(public) == "bob"
    more = public["attachments"][0]["filename"].startswith(("attention", "why", "write"))  # there is more to change
    assert offers(public) == ["open"] * more
    assert await picture(local, public) == await picture(local, private)
    assert local.world.messages[private["id"]] == private
    other = await press(local, public, "look", user="alice")
    assert other.message and other.private and local.world.messages[public["id"]] == public
    assert "shown by" not in texts(other.message)
    mine = await press(local, public, "look", user="bob")
    assert mine.message and mine.message["id"] == public["id"] and line in texts(mine.message)


async def test_it_is_shown_as_it_is_looked_at(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        private = await ask(local, "attention", {**CARDS["attention"], "private": True})
        light = (await press(local, private, "look")).message
        assert light
        changed = (await press(local, light, "layer", "2")).message
        assert changed
        public = (await press(local, changed, "show:")).message
        assert public and await picture(local, public) == await picture(local, changed)


async def test_who_may_not_write_in_a_channel_shows_nothing_there(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        card = await ask(local, "sentiment", CARDS["sentiment"], user="alice")
        private = (await press(local, card, "lens", user="bob")).message
        assert private
        local.world.denied[local.world.person("bob")["id"]] = SEND_MESSAGES
        assert "also auch nichts zeigen" in said(await press(local, private, "show:", user="bob"))
        redrawn = (await press(local, private, "look", user="bob")).message
        assert redrawn and not offers(redrawn)
        again = (await press(local, card, "lens", user="bob")).message
        assert again and not offers(again)
        assert sum(not message["flags"] & 64 for message in local.world.messages.values()) == 1


async def test_an_app_of_ones_own_that_may_not_speak_aloud(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        private = await ask(local, "sentiment", {**CARDS["sentiment"], "private": True}, user="bob", where="elsewhere")
        shown = await press(local, private, "show:", user="bob")
        assert shown.message and not shown.private
        local.world.denied[local.world.person("bob")["id"]] = USE_EXTERNAL_APPS
        assert "Externe Apps" in said(await press(local, private, "show:", user="bob"))
        muted = await local.command("sentiment", CARDS["sentiment"], user="bob", where="elsewhere")
        assert muted.message and muted.private and not offers(muted.message)


async def test_showing_counts_as_a_request_once(local: LocalDiscord, models: Path) -> None:
    """One after a restart that is worked out anew, and another that is kept."""
    async with hosted(local, models):
        private = await ask(local, "sentiment", {**CARDS["sentiment"], "private": True})
    async with hosted(local, models, pause=3600):
        assert not (await press(local, private, "show:")).private
        assert "That was quick" in said(await press(local, private, "show:"))


# Everybody changes it


async def test_everybody_changes_a_card_that_its_owner_opened(local: LocalDiscord, meanwhile: Meanwhile) -> None:
    card = await ask(local, "attention", CARDS["attention"], user="alice")
    assert offers(card) == ["open"]
    opened = (await press(local, card, "open:", user="alice")).message
    assert opened and opened["id"] == card["id"] and offers(opened) == ["close"]
    await meanwhile()
    driven = await press(local, card, "layer", "2", user="bob")
    assert driven.message and driven.message["id"] == card["id"] and not driven.private
    assert "Layer 3 of 3" in driven.message["attachments"][0]["description"]  # in the language of its owner
    assert offers(driven.message) == ["close"]
    await meanwhile()
    closed = await press(local, card, "close:", user="alice")
    assert closed.message and closed.message["id"] == card["id"] and offers(closed.message) == ["open"]
    assert "Layer 3 of 3" in closed.message["attachments"][0]["description"]
    assert (await press(local, card, "layer", "0", user="bob")).private
    assert local.world.messages[card["id"]] == closed.message


async def test_nobody_else_opens_or_closes_a_card(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        card = await ask(local, "attention", CARDS["attention"], user="alice")
        assert "nur die Person, deren Antwort das ist" in said(await press(local, card, "open:", user="bob"))
        assert local.world.messages[card["id"]] == card
        opened = (await press(local, card, "open:", user="alice")).message
        assert "nur die Person, deren Antwort das ist" in said(await press(local, card, "close:", user="bob"))
        assert local.world.messages[card["id"]] == opened


async def test_a_german_card_stays_german(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        card = await ask(local, "attention", CARDS["attention"], user="bob")
        await press(local, card, "open:", user="bob")
        driven = (await press(local, card, "layer", "2", user="alice")).message
        assert driven and "Schicht 3 von 3" in driven["attachments"][0]["description"] and "Als Text" in str(driven)


async def test_a_card_of_an_older_version_is_its_owners_too(local: LocalDiscord, models: Path) -> None:
    async with hosted(local, models):
        card = await ask(local, "attention", CARDS["attention"], user="alice")
        *_, row = card["components"][0]["components"]
        row["components"] = [part for part in row["components"] if not part["custom_id"].startswith("open:")]
        local.world.put(card)
        assert (await press(local, card, "layer", "2", user="bob")).private
        mine = (await press(local, card, "layer", "2", user="alice")).message
        assert mine and mine["id"] == card["id"] and offers(mine) == ["open"]
