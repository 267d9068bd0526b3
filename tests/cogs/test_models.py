"""The option `model`: what it offers, what it refuses, and that an answer's controls stay with the chosen model."""

from __future__ import annotations

import copy
import shutil
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ServerDisconnectedError

from bot.playground.api import rules
from cogs.requests import progress
from core import Core, CoreSettings
from core.models.metadata import missing_for_tokenizer

from .inprocess import Discord, Exchange

NAMES = (
    "bert-masked-lm",
    "bert-classifier",
    "distilbert-masked-lm",
    "distilbert-classifier",
    "roberta-masked-lm",
    "gpt2",
)


@pytest.fixture
async def discord(settings: CoreSettings, models: Path) -> AsyncGenerator[Discord, None]:
    folders = tuple(str(models / name) for name in NAMES)
    async with Core.open(replace(settings, allowed_models=folders)) as core, Discord(core).logged_in() as discord:
        yield discord


async def test_what_is_offered(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    async def submit(*_: object, **__: object) -> None:
        raise AssertionError("a device was asked")

    monkeypatch.setattr(discord.bot.core._executor, "submit", submit)
    assert await discord.complete("sentiment", "model", "") == [
        "bert-classifier",
        "distilbert-classifier",
        "bundled/minilm",
    ]
    assert await discord.complete("unmask", "model", " DISTIL ") == ["distilbert-masked-lm"]
    assert await discord.complete("tokens", "model", "bundled/") == [
        "bundled/gpt-mini",  # the default of /write
        "bundled/bert-base-cased",
        "bundled/bert-base-multilingual-cased",
        "bundled/bert-base-uncased",
        "bundled/bert-mini",
        "bundled/gpt2",
        "bundled/minilm",
        "bundled/reverser",
        "bundled/roberta-base",
    ]
    assert await discord.complete("attention", "model", "gpt") == ["bundled/gpt-mini", "gpt2"]
    assert await discord.complete("attention", "model", "../gpt2") == []


async def test_a_model_that_cannot_be_asked(discord: Discord) -> None:
    unknown = await discord.command("tokens", text="the cat", model="../../etc/passwd")
    assert unknown.steps == ["callback 4"] and unknown.private
    assert "not among those of this bot" in unknown.text and "passwd" not in unknown.text
    wrong = await discord.command("sentiment", text="the cat", model="gpt2")
    assert wrong.steps == ["callback 4"] and "gpt2 does not fit /sentiment" in wrong.text


CHOSEN = {
    "sentiment": "distilbert-classifier",
    "unmask": "distilbert-masked-lm",
    "tokens": "roberta-masked-lm",
    "attention": "gpt2",
}


def says(exchange: Exchange) -> str:
    """The model that a card names."""
    return [line for line in exchange.text.splitlines() if line.startswith("-# ")][-1].split()[1]


@pytest.mark.parametrize(("command", "model"), CHOSEN.items())
async def test_an_answer_stays_with_its_model(discord: Discord, command: str, model: str) -> None:
    card = await discord.command(command, text="The ___ sat.", model=model)
    assert says(card) == model
    for forgotten in (False, True):
        for custom_id in card.controls:
            if forgotten:  # as after a restart
                discord.bot.core._results._kept.clear()
            values = [card.controls[custom_id]["options"][0]["value"]] if "options" in card.controls[custom_id] else []
            pressed = await discord.press(card, custom_id, *values)
            if custom_id.startswith("lens:"):
                target = custom_id.rpartition(":")[2]
                own = {"sentiment": "bert-classifier"}.get(target, "bert-masked-lm")
                fits = target not in ("sentiment", "unmask") or target == command
                assert says(pressed) == (model if fits or target in ("why", "layers") else own), (custom_id, forgotten)
            elif pressed.steps[-1] == "PATCH" and "-#" in pressed.text:
                assert says(pressed) == model, (custom_id, forgotten)


async def test_numbers_after_a_restart_are_those_of_the_chosen_model(discord: Discord) -> None:
    card = await discord.command("sentiment", text="the film", model="distilbert-classifier")
    before = await discord.press(card, card.control("numbers"))
    discord.bot.core._results._kept.clear()
    after = await discord.press(card, card.control("numbers"))
    assert after.text == before.text
    assert {line.split()[0] for line in after.text.splitlines()[2:5]} == set("ABC")


async def test_a_model_that_is_no_longer_allowed(discord: Discord, settings: CoreSettings) -> None:
    card = await discord.command("attention", text="the cat", model="gpt2")
    async with Core.open(settings) as narrower, Discord(narrower).logged_in() as later:
        pressed = await later.press(Exchange(message=copy.deepcopy(card.message)), card.control("numbers"))
    assert "no longer kept: run /attention" in pressed.text


# What a person waits for


async def test_who_waits_for_a_model_to_be_loaded_is_told_so_once(
    discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PAUSES", (0,))
    first = await discord.command("attention", text="the cat", model="gpt2")
    assert first.steps == ["callback 5", "PATCH", "PATCH"]
    status = "⏳ The model gpt2 is being loaded: this answer takes a little longer."
    assert first.sent[1].body["content"] == status and not first.sent[1].files
    assert "⏳" not in first.text and says(first) == "gpt2" and first.files
    again = await discord.command("attention", text="the dog", model="gpt2")
    assert again.steps == ["callback 5", "PATCH"]
    assert (await discord.command("tokens", text="the cat", model="gpt2")).steps == ["callback 5", "PATCH"]


async def test_who_waits_for_a_tokenizer_is_told_so_once(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSES", (0,))
    first = await discord.command("tokens", text="the cat", model="roberta-masked-lm")
    assert first.steps == ["callback 5", "PATCH", "PATCH"]
    status = "⏳ The model roberta-masked-lm is being loaded: this answer takes a little longer."
    assert first.sent[1].body["content"] == status
    assert "⏳" not in first.text and says(first) == "roberta-masked-lm" and first.files
    again = await discord.command("tokens", text="the dog", model="roberta-masked-lm")
    assert again.steps == ["callback 5", "PATCH"]


@pytest.mark.parametrize("fault", [(500, 0), TimeoutError(), ServerDisconnectedError(), RuntimeError("closed")])
async def test_whoever_cannot_be_told_so_gets_the_answer_all_the_same(
    discord: Discord, monkeypatch: pytest.MonkeyPatch, fault: tuple[int, int] | Exception
) -> None:
    monkeypatch.setattr(progress, "PAUSES", (0,))
    discord.refusals["PATCH"] = fault
    card = await discord.command("attention", text="the cat", model="gpt2")
    assert card.steps == ["callback 5", "PATCH", "PATCH"]
    assert says(card) == "gpt2" and card.files


async def test_a_failure_after_that_takes_its_place(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSES", (0,))
    failed = await discord.command("attention", text="qz " * 60, model="distilbert-classifier")
    assert failed.steps == ["callback 5", "PATCH", "DELETE", "POST"] and failed.private
    assert "tokens long" in failed.text and "⏳" not in failed.text


async def test_most_people_are_not_told_anything(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSES", (600,))
    assert (await discord.command("attention", text="the cat", model="gpt2")).steps == ["callback 5", "PATCH"]


# The list of models


async def test_the_list_of_models(discord: Discord) -> None:
    before = await discord.command("models")
    assert before.steps == ["callback 4"] and before.private
    assert not list(rules.message_problems(before.message))
    assert "### 15 models" in before.text and "loaded" not in before.text
    await discord.command("attention", text="the cat", model="gpt2")
    lines = (await discord.command("models")).text.splitlines()
    rows = {name.split("`")[1]: facts for name, facts in zip(lines[1:-1:2], lines[2::2], strict=True)}
    assert rows["gpt2"] == "-# /unmask /write /tokens /attention · licence not stated · 1 MiB · loaded"
    assert rows["bert-classifier"].startswith(r"-# /sentiment\* /tokens /attention · ")
    assert rows["bundled/bert-mini"].startswith("-# /unmask /tokens /attention · mit · ")
    assert rows["bundled/bert-mini"].endswith("MiB · comes with this bot")
    assert [name for name, facts in rows.items() if facts.endswith("loaded")] == ["gpt2"]


async def test_the_list_tells_models_apart(discord: Discord) -> None:
    lines = (await discord.command("models")).text.splitlines()
    told = dict(line.split(" · ") for line in lines if line.startswith("**") and " · " in line)
    assert told["**`gpt2`**"] == "decoder like GPT: reads left to right"
    assert told["**`bundled/reverser`**"] == "encoder–decoder: looks back while it writes"
    assert told["**`bundled/gpt2`**"] == "tokenizer alone: cuts text into pieces"
    assert told["**`bert-classifier`**"] == told["**`bundled/minilm`**"] == "encoder like BERT: sees both sides"
    discord.locale = "de"
    assert "**`gpt2`** · Decoder wie GPT: liest von links nach rechts" in (await discord.command("models")).text


async def test_every_model_of_the_list_has_an_example(discord: Discord) -> None:
    """Which leads to what it was trained for."""
    listed = await discord.command("models")
    (control,) = listed.controls
    examples = {option["value"]: option["description"] for option in listed.controls[control]["options"]}
    assert len(examples) == 15
    assert examples["gpt2"] == "/unmask I would like a cup of"
    assert examples["bundled/bert-mini"] == "/unmask Paris is the ___ of France."
    assert examples["distilbert-classifier"].startswith("/sentiment ")
    assert examples["bundled/reverser"].startswith("/attention ")
    assert examples["bundled/roberta-base"].startswith("/tokens ")
    for name, told in examples.items():
        pressed = await discord.press(listed, control, name)
        assert pressed.private and says(pressed) == name
        assert pressed.files[0][0] == f"{told.split()[0][1:]}.png"


async def test_an_example_of_a_model_that_is_gone(discord: Discord, settings: CoreSettings) -> None:
    listed = await discord.command("models")
    async with Core.open(settings) as narrower, Discord(narrower).logged_in() as later:
        pressed = await later.press(Exchange(message=copy.deepcopy(listed.message)), listed.control("try"), "gpt2")
    assert "no longer kept" in pressed.text


async def test_what_is_offered_says_what_it_is_for(discord: Discord) -> None:
    assert await discord.labels("attention", "model", "gpt2") == {
        "gpt2": "gpt2 · decoder like GPT: reads left to right"
    }
    assert await discord.complete("attention", "model", "looks back") == ["bundled/reverser"]
    compared = await discord.labels("tokens", "compare", "bert-classifier, bundled/gpt-m")
    assert compared == {
        "bert-classifier, bundled/gpt-mini": "bert-classifier, bundled/gpt-mini · decoder like GPT: reads left to right"
    }
    long = "bundled/roberta-base, bundled/bert-base-multilingual-cased"
    assert await discord.labels("tokens", "compare", f"{long}, bundled/bert-b") == {
        f"{long}, {name}": f"{long}, {name}" for name in ("bundled/bert-base-cased", "bundled/bert-base-uncased")
    }  # there is no room for more


async def test_the_list_says_why_a_model_cannot_be_asked(settings: CoreSettings, models: Path, tmp_path: Path) -> None:
    files = {"bare": "", "merged": "merges.txt", "pieces": "spiece.model"}
    for name, file in files.items():
        shutil.copytree(models / "gpt2", tmp_path / name, ignore=shutil.ignore_patterns("*token*", "vocab*"))
        if file:
            (tmp_path / name / file).write_bytes(b"")
    folders = tuple(str(tmp_path / name) for name in files)
    async with Core.open(replace(settings, allowed_models=folders)) as core, Discord(core).logged_in() as discord:
        lines = (await discord.command("models")).text.splitlines()
        refused = await discord.command("tokens", text="the cat", model="merged")
    facts = {name.split("`")[1]: facts for name, facts in zip(lines[1:-1:2], lines[2::2], strict=True)}
    says = "its tokenizer cannot be read without"
    assert facts["bare"] == f"-# {says} tokenizer.json · licence not stated · 1 MiB"
    assert facts["merged"].startswith(f"-# {says} vocab.json · ")
    assert (says in facts["pieces"]) == bool(missing_for_tokenizer(tmp_path / "pieces"))
    assert says not in facts["bert-classifier"]
    assert refused.steps == ["callback 4"] and refused.private
    assert refused.text.endswith(
        "The tokenizer of merged cannot be read without vocab.json: ask the bot's host to add that."
    )


async def test_a_long_list_of_models_stays_within_the_limits(settings: CoreSettings) -> None:
    names = tuple(f"someone-with-a-long-name/and-a-model-{number:03}@{number:040x}" for number in range(100))
    async with Core.open(replace(settings, allowed_models=names)) as core, Discord(core).logged_in() as discord:
        listed = await discord.command("models")
        offered = await discord.complete("tokens", "model", "model-09")
    assert not list(rules.message_problems(listed.message))
    assert "[0000000](<https://huggingface.co/someone-with-a-long-name/and-a-model-000/tree/" in listed.text
    assert "more: the option `model`" in listed.text
    assert offered == [f"someone-with-a-long-name/and-a-model-{number:03}" for number in range(90, 100)]
