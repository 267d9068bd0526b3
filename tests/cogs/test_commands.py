"""Each command: deferred once, answered once, with text, a picture that has words, and controls."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.playground.api import rules
from core.reading.masks import MAX_MASKS

from .inprocess import COMPONENTS_V2, Discord

TEXT = "The cat sat on the mat because it was tired."
ANSWERED = ["callback 5", "PATCH"]
LENSES = {"sentiment", "tokens", "attention"}


@pytest.mark.parametrize("dm", [False, True])
@pytest.mark.parametrize(
    ("command", "text", "headline", "model"),
    [
        ("sentiment", TEXT, "TIVE", "bert-classifier"),
        ("unmask", "The cat [MASK] on the mat.", "", "bert-masked-lm"),
        ("tokens", TEXT, "13 tokens", "bert-masked-lm"),
        ("attention", TEXT, "Attention · One head", "bert-masked-lm"),
    ],
)
async def test_a_command_defers_once_and_answers_once(
    discord: Discord, command: str, text: str, headline: str, model: str, dm: bool
) -> None:
    exchange = await discord.command(command, dm=dm, text=text)
    assert exchange.steps == ANSWERED
    deferral, edit = exchange.sent
    assert "data" not in deferral.body or not deferral.body["data"].get("flags")
    assert edit.body["flags"] & COMPONENTS_V2 and not edit.body.get("content") and not edit.body.get("embeds")
    assert edit.body["allowed_mentions"] == {"parse": []}
    assert not exchange.private

    heading, *lines = exchange.text.splitlines()
    if command == "attention":
        assert lines.pop(0).startswith("Of the other words, `it` looks most at `")
        assert lines.pop(0).startswith("-# Chosen because the link from ")
    quoted, footer, *more = lines
    assert [line.partition(":")[0] for line in more] == ["Before cutting"] * (command == "tokens")
    assert heading.startswith("### ") and headline in heading
    assert quoted == f"`{text}`"
    assert footer.startswith(f"-# {model} · ") and footer.endswith(" tokens")

    ((name, png),) = exchange.files
    with Image.open(io.BytesIO(png)) as picture:
        assert (name, picture.format) == (f"{command}.png", "PNG")
    (gallery,) = (part for part in exchange.parts if part["type"] == rules.GALLERY)
    (item,) = gallery["items"]
    (attachment,) = edit.body["attachments"]
    assert item["media"]["url"] == f"attachment://{name}" and attachment["filename"] == name
    assert item["description"] == attachment["description"]
    assert 40 < len(item["description"]) <= 1024

    assert not list(rules.message_problems(exchange.message))
    actions = {custom_id.split(":")[0] for custom_id in exchange.controls}
    assert {"numbers", "lens"} <= actions
    others = {id.split(":")[2] for id in exchange.controls if id.startswith("lens:")}
    assert others >= LENSES - {command} and command not in others
    assert {"kind", "layer", "head", "look"} <= actions or command != "attention"
    assert all(len(custom_id) <= 100 for custom_id in exchange.controls)


def chosen(controls: dict[str, Any], action: str) -> str:
    """What a select shows as chosen."""
    (select,) = (control for id, control in controls.items() if id.startswith(f"{action}:"))
    return next(option["label"] for option in select["options"] if option.get("default"))


@pytest.mark.parametrize(
    ("options", "layer", "head"),
    [
        ({"layer": 1}, "Layer 1 of 3", "Mean of all heads"),
        ({"layer": 3, "head": 2}, "Layer 3 of 3", "Head 2 of 2"),
        ({"layer": 2, "head": 1}, "Layer 2 of 3", "Head 1 of 2"),
    ],
)
async def test_attention_starts_where_it_is_told(
    discord: Discord, options: dict[str, int], layer: str, head: str
) -> None:
    exchange = await discord.command("attention", text=TEXT, **options)
    assert (chosen(exchange.controls, "layer"), chosen(exchange.controls, "head")) == (layer, head)
    description = exchange.sent[-1].body["attachments"][0]["description"]
    assert layer in description and (head.lower() in description or "mean of 2 heads" in description)


@pytest.mark.parametrize("top", [1, 3, 20])
async def test_as_many_words_as_asked_for(discord: Discord, top: int) -> None:
    exchange = await discord.command("unmask", text="The ___ sat on the <mask>.", top=top)
    assert "`The [MASK] sat on the [MASK].`" in exchange.text
    numbers = await discord.press(exchange, exchange.control("numbers"))
    rows = [line.split() for line in numbers.text.splitlines()]
    for mask in ("1", "2"):
        assert [row[1] for row in rows if row[0] == mask] == [str(rank) for rank in range(1, top + 1)]


async def test_all_the_masks_that_are_allowed_fit_into_a_card(discord: Discord) -> None:
    exchange = await discord.command("unmask", text="___ " * MAX_MASKS, top=20)
    assert exchange.steps == ANSWERED
    assert exchange.text.splitlines()[0].count("%") == MAX_MASKS
    assert not list(rules.message_problems(exchange.message))


async def test_what_the_vocabulary_lacks_is_said(discord: Discord) -> None:
    exchange = await discord.command("sentiment", text="very good日語 film")
    assert "lacks `日`, `語`" in exchange.text
    assert "lacks" not in (await discord.command("sentiment", text="very good film")).text


async def test_the_longest_text_in_any_script(discord: Discord) -> None:
    for text in ("🤗" * 2000, "z" * 2000, "日" * 2000, "a\u0301" * 1000):
        exchange = await discord.command("tokens", text=text)
        assert exchange.steps == ANSWERED
        assert not list(rules.message_problems(exchange.message))
        assert len(exchange.files[0][1]) < 10 << 20


async def test_about_is_for_the_person_who_asks(discord: Discord) -> None:
    exchange = await discord.command("info")
    assert exchange.steps == ["callback 4"] and exchange.private
    for name in ("bert-classifier", "bert-masked-lm"):
        assert f"`{name}`" in exchange.text
    assert "0 of 1 devices" in exchange.text


async def test_about_says_what_loaded_models_compute_in(discord: Discord) -> None:
    await discord.command("sentiment", text="good")
    lines = (await discord.command("info")).text.splitlines()
    told = {line.partition("`")[2].partition("`")[0] for line in lines if line.endswith("· float32")}
    assert "/sentiment" in told and "/tokens" not in told  # the others may be loaded, too


async def test_commands_at_the_same_time(discord: Discord) -> None:
    exchanges = [discord.start(name, text=f"the [MASK] {name}") for name in ("sentiment", "unmask", "tokens") * 4]
    await discord.settle()
    for number, exchange in enumerate(exchanges):
        assert exchange.steps == ANSWERED
        assert f"`the [MASK] {('sentiment', 'unmask', 'tokens')[number % 3]}`" in exchange.text
