"""/learn in a local Discord: two people and one card, restarts, and what Discord's own rules say of it."""

from __future__ import annotations

from pathlib import Path

from bot.playground import LocalDiscord
from bot.playground.api.rules import walk
from bot.playground.payloads import Json
from cogs.lessons.unit import STOPS

from .hosting import control, hosted, texts


def ids(message: Json, action: str) -> list[str]:
    found = [part["custom_id"] for _, part in walk(message["components"]) if "custom_id" in part]
    return [custom_id for custom_id in found if custom_id.startswith(action)]


def labels(message: Json) -> list[str]:
    return [part["label"] for _, part in walk(message["components"]) if "label" in part]


async def test_through_all_stops_with_a_restart_after_each(local_discord: LocalDiscord, models: Path) -> None:
    card: Json | None = None
    for number, stop in enumerate(STOPS.values(), 1):
        async with hosted(local_discord, models):
            if card is None:
                card = (await local_discord.command("learn", {})).message
            else:  # the way on was drawn by a bot that is gone
                card = (await local_discord.press(card, ids(card, "stop:")[-1])).message
            assert card and card["attachments"] and not card["flags"] & 64, card
            assert texts(card).startswith(f"### {number} of {len(STOPS)} · {stop.title}")
            guess = await local_discord.press(card, ids(card, "predict:")[-1])
            assert guess.message and guess.message["id"] == card["id"]
            card = guess.message
    assert card and "Next ▶" not in labels(card)


async def test_a_form_that_was_open_during_a_restart(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        card = (await local_discord.command("learn", {"start": "self"})).message
        assert card
        form = await local_discord.press(card, control(card, "own:"))
        assert form.modal
        (field,) = [part for _, part in walk(form.modal["components"]) if part.get("value")]
        assert field["value"].startswith("The animal") and field["max_length"] == 200
    async with hosted(local_discord, models):
        changed = await local_discord.submit(form, {field["custom_id"]: "the cat sat on the mat"})
    assert changed.message and changed.message["id"] == card["id"] and changed.steps == ["deferred", "edited"]
    assert "`the cat sat on the mat`" in texts(changed.message)


async def test_a_class_looks_at_one_card(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        card = (await local_discord.command("learn", {"start": "causal"}, user="alice")).message
        assert card
        for custom_id in ids(card, ""):
            exchange = await local_discord.press(card, custom_id, user="bob")
            assert exchange.modal or (exchange.message and exchange.private), custom_id
            assert local_discord.world.messages[card["id"]] == card, custom_id
        mine = (await local_discord.press(card, ids(card, "predict:")[1], user="bob")).message
        assert mine
        shown = await local_discord.press(mine, control(mine, "showstop:"), user="bob")
        assert shown.message and not shown.private and "shown by" in texts(shown.message)
        opened = (await local_discord.press(card, control(card, "openstop:"), user="alice")).message
        assert opened
        driven = (await local_discord.press(opened, ids(opened, "stop:")[-1], user="bob")).message
        assert driven and driven["id"] == card["id"]
        closed = (await local_discord.press(driven, control(driven, "closestop:"), user="alice")).message
        assert closed and (await local_discord.press(closed, ids(closed, "stop:")[0], user="bob")).private


async def test_the_stops_are_choices(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        pass
    (command,) = [one for one in local_discord.world.commands[None] if one["name"] == "learn"]
    start = next(option for option in command["options"] if option["name"] == "start")
    assert [choice["value"] for choice in start["choices"]] == [*STOPS]
    assert start["choices"][-1]["name_localizations"]["de"] == "Ist das positiv?"
