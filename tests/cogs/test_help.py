"""/help teaches with examples that run; /info says what runs; /lab answers in private on demand."""

from __future__ import annotations

import pytest

from cogs.help import EXAMPLES

from .inprocess import Discord


@pytest.mark.parametrize("locale", ["en-GB", "de", "ja"])
async def test_help_is_five_lines_and_a_button_for_each_example(discord: Discord, locale: str) -> None:
    discord.locale = locale
    answer = await discord.command("help")
    assert answer.steps == ["callback 4"] and answer.private
    assert len(answer.text.splitlines()) == 5
    assert len(answer.controls) == len(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_runs_for_whoever_presses_it(discord: Discord, name: str) -> None:
    answer, example = await discord.command("help"), EXAMPLES[name]
    pressed = await discord.press(answer, answer.control("example", f":{name}"))
    assert pressed.steps == ["callback 5", "PATCH"] and pressed.private
    assert pressed.files[0][0] == f"{example.command}.png" and example.model in pressed.text


async def test_examples_lead_to_a_model_that_goes_on_and_one_that_looks_back(discord: Discord) -> None:
    answer = await discord.command("help")
    ahead = await discord.press(answer, answer.control("example", ":decoder"))
    assert "Likeliest next" in ahead.text and "has read only" not in ahead.text
    assert "each word is guessed from those before it" in str(ahead.parts)
    gap = await discord.command("unmask", text="I would like a ___ of tea.", model="bundled/gpt-mini")
    assert "It goes from left to right, and has read only `I would like a`" in gap.text
    assert "it never sees what stands behind the gap" in str(gap.parts)
    back = await discord.press(answer, answer.control("example", ":encoder-decoder"))
    assert "Decoder looks at encoder" in str(back.controls)


async def test_about_names_models_and_devices(discord: Discord) -> None:
    answer = await discord.command("info")
    assert answer.private
    for said in (
        "version",
        "`/sentiment` `bert-classifier` · encoder like BERT: sees both sides",
        "`bert-masked-lm`",
        "0 requests waiting",
        "(`cpu`)",
        "running since <t:",
    ):
        assert said in answer.text


@pytest.mark.parametrize("private", [True, False])
async def test_the_lab_answers_in_private_on_demand(discord: Discord, private: bool) -> None:
    answer = await discord.command("lab", private=private)
    assert answer.steps == ["callback 5", "PATCH"] and answer.private is private
    assert bool(answer.sent[0].body.get("data", {}).get("flags", 0) & 64) is private  # decided when it is deferred
