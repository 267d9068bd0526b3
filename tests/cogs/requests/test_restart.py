"""What a card carries is enough to answer its controls after a restart: each press says what it said before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.client.errors import MARK
from bot.playground.api import rules
from core.lab import parse_exercise
from core.takeaway.recipe import read_exercise, spell_exercise
from core.tasks.lab import LabTask
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.test_models import discord as discord

CARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "sentiment": ("sentiment", {"text": "i love it"}),
    "several": ("sentiment", {"text": "i love it\nbad film\nthe cat", "model": "distilbert-classifier"}),
    "twice the same": ("sentiment", {"text": "bad film\nbad film"}),
    "fillings": ("sentiment", {"text": "the {cat|film} is bad"}),
    "windows": ("sentiment", {"text": ("i love this film " * 17).strip()}),
    "tokens": ("tokens", {"text": "the cat 🤗"}),
    "compare": ("tokens", {"text": "the cat 🤗", "compare": "gpt2, roberta-masked-lm"}),
    "compare with another": ("tokens", {"text": "the cat", "model": "gpt2", "compare": "bert-masked-lm"}),
    "decode": ("tokens", {"text": "[2, 60, 61, 3]", "decode": True}),
    "decode with another": ("tokens", {"text": "60 61 300", "decode": True, "model": "gpt2"}),
    "unmask": ("unmask", {"text": "the ___ sat", "top": 7}),
    "targets": ("unmask", {"text": "the ___ sat on the ___", "targets": "cat, mat, targets:x", "top": 3}),
    "patching": ("unmask", {"text": "the cat ___ on", "against": "the mat ___ on", "targets": "cat, mat"}),
    "write": ("write", {"text": "the cat", "seed": 3, "temperature": 0.8}),
    "attention": ("attention", {"text": "the cat sat"}),
    "a pair": ("attention", {"text": "the cat", "second": "the mat"}),
    "a difference": ("attention", {"text": "the cat", "against": "the mat"}),
    "an exercise": ("lab", {}),
    "its shape": ("lab", {"shape": "2 3", "seed": 7, "mask": "causal"}),
    "typed": ("lab", {"query": "1 0.1; 0 -1e-3", "key": "2 1; 3 999.5; 1 1", "value": "1;2;3", "mask": "0 1 0; 0 0 0"}),
    "heads": ("lab", {"heads": 2, "positions": "rotary", "mask": "causal local:1", "scale": "0.5"}),
    "a kind against another": (
        "lab",
        {"kind": "general", "learned": "1 0; 0 2", "against": "dot", "query": "1 0; 0 1"},
    ),
    "a block with names": ("lab", {"show": "block", "positions": "sinusoidal", "names": "the seed:1 names:x"}),
    "typed once": ("lab", {"query": "1 0; 0 1", "mask": "causal", "theme": "light"}),
}


ANOTHER = ("lens:", "rescue:", "made:", "swap:", "off:", "gap:", "write:", "answer:", "rather:", "mask:")
"""Controls that ask for more."""


def said(exchange: Exchange) -> tuple[Any, ...]:
    """What a press has led to: words and pictures."""
    return exchange.text, exchange.private, exchange.files, exchange.steps[-1]


async def is_pressed_as_before(discord: Discord, card: Exchange) -> None:
    """Press every control of a card before and after its result was forgotten."""
    for custom_id, control in card.controls.items():
        values = [option["value"] for option in control.get("options", [])][-1:]
        before = await discord.press(card, custom_id, *values)
        discord.bot.core._results._kept.clear()
        after = await discord.press(card, custom_id, *values)
        if before.text.startswith(MARK):  # a long text does not fit into every model
            assert custom_id.startswith("lens:") and after.text == before.text
        elif custom_id.startswith(ANOTHER):  # another result, kept as something else
            assert (after.text, after.files[0][1]) == (before.text, before.files[0][1]), custom_id
        else:
            assert said(after) == said(before), custom_id
            assert after.controls.keys() == before.controls.keys()


@pytest.mark.parametrize("kind", CARDS)
async def test_every_control_works_after_a_restart(discord: Discord, kind: str) -> None:
    command, options = CARDS[kind]
    card = await discord.command(command, **options)
    assert card.files and not list(rules.message_problems(card.message))
    await is_pressed_as_before(discord, card)


async def test_a_changed_text_is_asked_again(discord: Discord) -> None:
    card = await discord.command("sentiment", text="i love it")
    form = await discord.press(card, card.control("whatif"))
    changed = await discord.submit(card, form.form, "i hate it")
    assert "`i love it`" in changed.text and "`i hate it`" in changed.text
    await is_pressed_as_before(discord, changed)


FORGOTTEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a line too long": ("sentiment", {"text": "bad " * 60 + "\ngood"}),
    "a line not as it was": ("sentiment", {"text": "bad  film\ngood"}),
    "a back-tick": ("sentiment", {"text": "bad `film`\ngood"}),
    "many ids": ("tokens", {"text": "[" + "60, " * 400 + "60]", "decode": True}),
    "hidden signs": ("tokens", {"text": "the \u202ecat", "compare": "gpt2"}),
    "targets": ("unmask", {"text": "the ___ sat", "targets": "`cat`, mat"}),
    "hostile names": ("lab", {"names": "`a` @everyone **b** \u202ec <@1>"}),
    "large matrices": ("lab", {"query": ";".join([" ".join(["-999.125"] * 8)] * 8), "key": ";".join(["1 " * 8] * 8)}),
}


@pytest.mark.parametrize("kind", FORGOTTEN)
async def test_what_a_card_cannot_hold_is_refused_by_the_name_of_its_command(discord: Discord, kind: str) -> None:
    command, options = FORGOTTEN[kind]
    card = await discord.command(command, **options)
    assert card.files and not list(rules.message_problems(card.message))
    discord.bot.core._results._kept.clear()
    refused = await discord.press(card, card.control("numbers"))
    assert refused.steps == ["callback 4"] and refused.text.endswith(f"no longer kept: run /{command} again.")


@pytest.mark.parametrize("kind", ["several", "compare", "decode", "typed", "targets"])
async def test_a_card_of_an_older_version_is_refused(discord: Discord, kind: str) -> None:
    """Older cards showed the same without saying which part of it is exact."""
    command, options = CARDS[kind]
    card = await discord.command(command, **options)
    for part in card.parts:
        if part["type"] == rules.TEXT:
            part["id"] = part["id"] % 1000
    discord.bot.core._results._kept.clear()
    refused = await discord.press(card, card.control("numbers"))
    assert refused.steps == ["callback 4"] and refused.text.endswith(f"no longer kept: run /{command} again.")


async def test_a_tokenizer_that_is_gone(discord: Discord) -> None:
    card = await discord.command("tokens", text="the cat", compare="gpt2")
    (note,) = (part for part in card.parts if "`gpt2` " in part.get("content", "") and "###" not in part["content"])
    note["content"] = note["content"].replace("`gpt2`", "`gpt3`")
    discord.bot.core._results._kept.clear()
    assert (await discord.press(card, card.control("numbers"))).text.endswith("run /tokens again.")


async def test_a_forgotten_exercise_counts_against_its_person(discord: Discord) -> None:
    card = await discord.command("lab")
    assert (await discord.press(card, card.control("numbers"))).text.startswith("```")
    discord.bot.core._results._kept.clear()
    discord.bot.rate_limiter._pause = 3600
    assert "That was quick" in (await discord.press(card, card.control("numbers"))).text


NUMBERS = st.floats(-1000, 1000, width=32)


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(1, 8), st.data())
def test_a_spelt_exercise_is_read_as_it_was(rows: int, columns: int, data: st.DataObject) -> None:
    def drawn(numbers: st.SearchStrategy[float], width: int) -> np.ndarray:
        typed = data.draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=rows, max_size=rows))
        return np.array(typed, np.float32)

    matrix = drawn(NUMBERS, columns)
    mask = drawn(st.sampled_from([0.0, 1.0]), rows) if data.draw(st.booleans()) else None
    words = st.lists(st.text("aé:; names|`*", min_size=1).filter(str.split), min_size=rows, max_size=rows)
    names = " ".join("".join(word.split()).replace(";", "") or "x" for word in data.draw(words))
    scale = data.draw(st.sampled_from(["", "on", "off"]) | NUMBERS.map(str))
    against = data.draw(st.sampled_from(["", "scaled", "dot"]))
    options = {"kind": "general", "against": against, "scale": scale, "names": names}
    exercise = parse_exercise(query=typed(matrix), mask="" if mask is None else typed(mask), **options)
    (worked,) = LabTask("", "cpu").run([exercise])
    read = read_exercise(spell_exercise(worked))
    assert read.options == exercise.options and read.names == exercise.names and read.scale == exercise.scale
    assert read.matrices and all(np.array_equal(one, matrix) for one in read.matrices)
    assert (read.mask is None) == (mask is None)
    assert mask is None or np.array_equal(read.mask, mask)


def typed(matrix: np.ndarray) -> str:
    return ";".join(" ".join(map(str, row)) for row in matrix)
