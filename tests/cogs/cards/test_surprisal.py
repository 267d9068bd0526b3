"""Cards of what surprises a model: which model is asked, and what can be pressed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.api import rules
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt, ways
from tests.cogs.requests.test_restart import is_pressed_as_before
from tests.cogs.test_models import discord as discord
from tests.cogs.test_models import says


async def surprised(discord: Discord, command: str, **options: Any) -> Exchange:
    card = await discord.command(command, **options)
    return await discord.press(card, card.control("lens", "surprisal"))


@pytest.mark.parametrize(
    ("command", "model", "asked"),
    [
        ("tokens", "", "bert-masked-lm"),
        ("tokens", "gpt2", "gpt2"),  # its own model, which goes on with texts
        ("tokens", "roberta-masked-lm", "roberta-masked-lm"),
        ("tokens", "bundled/gpt-mini", "bundled/gpt-mini"),
        ("tokens", "bert-classifier", "bert-masked-lm"),  # trained for something else
        ("tokens", "bundled/bert-base-cased", "bert-masked-lm"),  # a tokenizer alone
        ("unmask", "gpt2", "gpt2"),
    ],
)
async def test_a_text_is_judged_by_the_model_of_its_tokens_if_that_can(
    discord: Discord, command: str, model: str, asked: str
) -> None:
    found = await surprised(discord, command, text="the lovely cat sat", **({"model": model} if model else {}))
    assert says(found) == asked and found.private and not list(rules.message_problems(found.message))
    assert found.message["attachments"][0]["filename"] == "surprisal.png"
    assert f"bits, by {asked}:" in alt(found) and " surprises most, with " in found.text.splitlines()[0]


async def test_its_table_and_its_files(discord: Discord) -> None:
    found = await surprised(discord, "unmask", text="the [MASK] sat on the mat")
    table = await discord.press(found, found.control("numbers"))
    assert "probability" in table.text and "expected" in table.text
    taken = await discord.press(found, found.control("take"))
    assert {name for name, _ in taken.files} == {f"surprisal.{kind}" for kind in ("csv", "npz", "html", "svg")}


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("tokens", {"text": "the lovely cat"}),
        ("tokens", {"text": "the lovely cat", "model": "gpt2"}),
        ("unmask", {"text": "the [MASK] cat"}),
    ],
)
async def test_every_control_works_after_a_restart(discord: Discord, command: str, options: dict[str, str]) -> None:
    await is_pressed_as_before(discord, await surprised(discord, command, **options))


async def test_where_nothing_could_be_judged_it_is_not_offered(discord: Discord) -> None:
    await discord.bot.core.warm_up()
    for command, options in (
        ("tokens", {"text": "cat " * 60}),
        ("tokens", {"text": "[101, 102]", "decode": True}),
        ("tokens", {"text": "the cat", "compare": "gpt2"}),
        ("unmask", {"text": "[MASK]"}),
        ("sentiment", {"text": "the cat"}),
    ):
        assert "surprisal" not in ways(await discord.command(command, **options)), (command, options)
