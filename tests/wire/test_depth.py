"""What the buttons of an answer lead to, pressed in a local Discord."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.playground import Exchange, LocalDiscord
from bot.playground.api.rules import walk
from bot.playground.payloads import Json

from .hosting import control, hosted, texts

TEXT = "the cat sat on the mat"


async def pressed(local: LocalDiscord, models: Path, command: str, options: Json, way: str) -> Exchange:
    async with hosted(local, models):
        asked = await local.command(command, options)
        assert asked.message
        ids = [part.get("custom_id", "") for _, part in walk(asked.message["components"])]
        (lens,) = [id for id in ids if id.startswith("lens:") and id.endswith(f":{way}")]
        exchange = await local.press(asked.message, lens)
    assert exchange.private and exchange.message
    return exchange


async def test_layer_by_layer(local_discord: LocalDiscord, models: Path) -> None:
    exchange = await pressed(local_discord, models, "unmask", {"text": f"{TEXT} ___"}, "layers")
    assert exchange.message
    assert "is on top " in texts(exchange.message)
    (picture,) = exchange.message["attachments"]
    assert picture["filename"] == "layers.png"
    assert "layer 3" in picture["description"]


async def test_why(local_discord: LocalDiscord, models: Path) -> None:
    exchange = await pressed(local_discord, models, "sentiment", {"text": TEXT}, "why")
    assert exchange.message
    assert "counts most: it speaks " in texts(exchange.message)
    assert exchange.message["attachments"][0]["filename"] == "why.png"
    assert "Gradients: from [MASK] everywhere" in exchange.message["attachments"][0]["description"]


CHANGED = "the cat hates the mat"


async def opened(local: LocalDiscord, message: Json, **by: str) -> tuple[Exchange, Json]:
    """The form of a card, and its field."""
    form = await local.press(message, control(message, "whatif:"), **by)
    assert form.modal
    (field,) = [part for _, part in walk(form.modal["components"]) if part.get("value")]
    return form, field


async def test_what_if(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models) as bot:
        asked = await local_discord.command("sentiment", {"text": TEXT})
        assert asked.message
        form, field = await opened(local_discord, asked.message)
        assert field["value"] == TEXT
        assert not bot._connection._view_store._modals  # nothing waits for forms that people close
        changed = await local_discord.submit(form, {field["custom_id"]: CHANGED})
        form, field = await opened(local_discord, asked.message)
        same = await local_discord.submit(form, {field["custom_id"]: TEXT})
    assert changed.private and changed.message and changed.steps == ["deferred", "edited"]
    assert re.search("### (Most changed|Hardly any change): ", texts(changed.message))
    assert "points): as it was " in changed.message["attachments"][0]["description"]
    assert same.private and same.message and "Nothing was changed" in same.message["content"]


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_a_form_that_was_open_during_a_restart_is_answered_all_the_same(
    local_discord: LocalDiscord, models: Path, theme: str
) -> None:
    async with hosted(local_discord, models):
        asked = await local_discord.command("sentiment", {"text": TEXT, "theme": theme})
        assert asked.message
        form, field = await opened(local_discord, asked.message)
        before = await local_discord.submit(form, {field["custom_id"]: CHANGED})
    async with hosted(local_discord, models):
        after = await local_discord.submit(form, {field["custom_id"]: CHANGED})
    assert before.message and after.message and after.private
    pictures = [
        await local_discord.attachment(exchange.message["attachments"][0]["url"])
        for exchange in (before, after)
        if exchange.message
    ]
    assert pictures[0] == pictures[1]
    assert texts(before.message) == texts(after.message)


@pytest.mark.parametrize("text", ["the  cat", "the cat " * 60])
async def test_a_form_about_a_text_that_is_forgotten_is_refused_in_a_sentence(
    local_discord: LocalDiscord, models: Path, text: str
) -> None:
    async with hosted(local_discord, models):
        asked = await local_discord.command("sentiment", {"text": text})
        assert asked.message
        form, field = await opened(local_discord, asked.message)
    async with hosted(local_discord, models):
        after = await local_discord.submit(form, {field["custom_id"]: CHANGED})
    assert after.message and after.private and after.steps == ["replied"]
    assert after.message["content"].endswith("run /sentiment again.")


async def test_a_form_of_another_version_is_refused_in_a_sentence(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        asked = await local_discord.command("sentiment", {"text": TEXT})
        assert asked.message
        form, field = await opened(local_discord, asked.message)
        assert form.modal
        for custom_id in ("0123456789abcdef" * 2, "", "changed:1:2", "dance:0123456789:x"):
            form.modal["custom_id"] = custom_id
            after = await local_discord.submit(form, {field["custom_id"]: CHANGED})
            assert after.message and after.private and after.steps == ["replied"]
            assert "no longer kept" in after.message["content"]


async def test_a_form_of_somebody_kept_out_is_refused(local_discord: LocalDiscord, models: Path) -> None:
    bob = int(local_discord.world.person("bob")["id"])
    async with hosted(local_discord, models):
        asked = await local_discord.command("sentiment", {"text": TEXT})
        assert asked.message
        form, field = await opened(local_discord, asked.message, user="bob")
    async with hosted(local_discord, models, denied_users=frozenset({bob})):
        after = await local_discord.submit(form, {field["custom_id"]: CHANGED})
    assert after.message and after.private and "cannot use this bot" in after.message["content"]


async def test_what_if_asks_the_same_model_even_after_a_restart(local_discord: LocalDiscord, models: Path) -> None:
    allowed = {"allowed_models": (str(models / "distilbert-classifier"),)}
    async with hosted(local_discord, models, **allowed):
        asked = await local_discord.command("sentiment", {"text": TEXT, "model": "distilbert-classifier"})
    assert asked.message
    async with hosted(local_discord, models, **allowed):
        form, field = await opened(local_discord, asked.message)
    async with hosted(local_discord, models, **allowed):
        changed = await local_discord.submit(form, {field["custom_id"]: CHANGED})
    assert changed.message and "-# distilbert-classifier" in texts(changed.message)


async def test_a_slot_is_filled_in_every_way(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models):
        asked = await local_discord.command("sentiment", {"text": "the {cat|mat|film} is good"})
        assert asked.message
        table = await local_discord.press(asked.message, control(asked.message, "numbers:"))
    assert " is highest with `" in texts(asked.message)
    assert asked.message["attachments"][0]["filename"] == "variants.png"
    assert table.message and "film" in table.message["content"]


@pytest.mark.parametrize("command", ["tokens", "sentiment", "attention"])
async def test_a_word_glued_to_an_emoji_is_rescued(local_discord: LocalDiscord, models: Path, command: str) -> None:
    async with hosted(local_discord, models):
        asked = await local_discord.command(command, {"text": "very good🎉"})
        assert asked.message
        rescued = await local_discord.press(asked.message, control(asked.message, "rescue:"))
    assert "vocabulary lacks `good🎉`" in texts(asked.message)
    assert rescued.private and rescued.message
    assert "vocabulary lacks `🎉`" in texts(rescued.message)
    assert "`very good 🎉`" in texts(rescued.message)
    assert rescued.message["attachments"][0]["filename"] == f"{command}.png"


async def test_ids_to_copy_and_files(local_discord: LocalDiscord, models: Path) -> None:
    async with hosted(local_discord, models) as bot:
        asked = await local_discord.command("tokens", {"text": TEXT})
        assert asked.message
        given = await local_discord.press(asked.message, control(asked.message, "listing:"))
        assert given.private and given.message
        files = [await local_discord.attachment(file["url"]) for file in given.message["attachments"]]
        ids = (await bot.core.tokens(TEXT)).ids
    assert given.message["content"] == f"```\n{ids}\n```"
    assert json.loads(files[0])["ids"] == ids
    assert files[1].decode("utf-8-sig").count("\r\n") == len(ids) + 1


@pytest.mark.parametrize("look", ["Sentiment", "Tokens", "Attention"])
async def test_any_message_can_be_looked_at_in_private(local_discord: LocalDiscord, models: Path, look: str) -> None:
    async with hosted(local_discord, models):
        said, card = local_discord.say(TEXT), (await local_discord.command("tokens", {"text": TEXT})).message
        assert card and not card["content"]
        answered = await local_discord.command(look, {}, target=said)
        again = await local_discord.command(look, {}, target=card)
        refused = await local_discord.command(look, {}, target=local_discord.say(" "))
    for exchange in (answered, again):
        assert exchange.private and exchange.message
        assert f"`{TEXT}`" in texts(exchange.message)
    assert refused.private and refused.message and refused.message["content"].startswith("⚠️ That")


@pytest.mark.parametrize("command", ["sentiment", "unmask", "tokens", "attention"])
async def test_an_answer_is_private_on_demand(local_discord: LocalDiscord, models: Path, command: str) -> None:
    async with hosted(local_discord, models):
        asked = {"text": f"{TEXT} ___"}
        openly = await local_discord.command(command, asked)
        privately = await local_discord.command(command, {**asked, "private": True})
    assert (openly.private, privately.private) == (False, True)
    assert privately.steps == ["deferred", "edited"]
