"""A recipe that "Download" gives, written in place of a text, gives the picture again."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.registry import ModelRegistry
from core.settings import CoreSettings
from core.takeaway import recipe
from tests.cogs.inprocess import Discord, Exchange

TEXT = "The cat `sat` @everyone \u202e because it was tired."


async def taken(discord: Discord, card: Exchange) -> str:
    """The recipe that the message with the files shows."""
    (line,) = re.findall(r"```json\n(.*)\n```", (await discord.press(card, card.control("take"))).text)
    return line


@pytest.mark.parametrize(
    "options",
    [
        {"layer": 2, "head": 1},
        {"layer": 3, "view": "norms", "shown": "bare"},
        {"layer": 2, "head": 2, "view": "film"},
        {"layer": 2, "head": 2, "view": "token", "token": 4},
        {"second": "it sat", "shown": "ba", "layer": 1},
        {"against": "The cat sat", "view": "grid"},
        {"view": "tour"},
        {"view": "heads"},
        {"view": "arcs", "layer": 2},
        {"view": "arcs", "word": "cat"},
        {"view": "lenses", "word": "cat", "layer": 1},
        {"view": "rollout", "shown": "bare", "token": "2"},
        {"word": "cat", "theme": "light"},
        {"second": "it sat", "shown": "ba", "word": "it", "view": "head"},
    ],
)
async def test_the_same_picture_comes_back(discord: Discord, options: dict[str, str | int]) -> None:
    card = await discord.command("attention", text=TEXT, **options)
    again = await discord.command("attention", text=await taken(discord, card))
    assert again.files == card.files and again.text == card.text


@pytest.mark.parametrize(
    "options",
    [
        {"layer": 1},
        {"layer": 1, "head": 1, "view": "norms"},
        {"view": "map"},
        {"shown": "bare", "theme": "light"},
        {"word": "tired"},
        {"word": "sat", "view": "arcs"},
        {"second": "it sat", "shown": "ba"},
        {"against": "The mat was tired", "view": "grid"},
    ],
)
async def test_what_is_typed_beside_it_counts(discord: Discord, options: dict[str, str | int]) -> None:
    seen: dict[str, str | int] = {"layer": 2, "head": 2, "view": "head"}
    recipe_of = await taken(discord, await discord.command("attention", text=TEXT, **seen))
    card = await discord.command("attention", text=recipe_of, **options)
    wanted = await discord.command("attention", text=TEXT, **seen | options)
    assert card.files == wanted.files != [] and card.text == wanted.text


async def test_another_model_is_asked_what_a_recipe_asked(discord: Discord) -> None:
    recipe_of = await taken(discord, await discord.command("attention", text="The cat sat.", layer=1, head=1))
    card = await discord.command("attention", text=recipe_of, model="bundled/gpt-mini")
    assert "bundled/gpt-mini" in card.text and card.files


async def test_the_side_that_was_looked_at_comes_back(discord: Discord) -> None:
    card = await discord.command("attention", text="The cat was tired.", against="The mat was good.")
    second = await discord.press(card, card.control("side"), "second")
    again = await discord.command("attention", text=await taken(discord, second))
    assert again.files == second.files != card.files


async def test_a_recipe_is_harmless_in_a_message(discord: Discord) -> None:
    line = await taken(discord, await discord.command("attention", text=TEXT))
    assert line.isascii() and "`" not in line and json.loads(line)["text"] == TEXT


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"command": "lab"}, "of another command"),
        ({"model": "google-bert/bert-base-german"}, "not among those of this bot"),
        ({"revision": "f" * 40}, "another revision"),
        ({"text": 5}, "damaged"),
        ({"layer": 0}, "damaged"),
        ({"layer": True}, "damaged"),
        ({"head": "1"}, "damaged"),
        ({"view": "nothing"}, "damaged"),
        ({"side": []}, "damaged"),
        ({"layer": 99}, "layers: choose one from 1 to"),
        *(({name: 10**90}, "damaged") for name in ("layer", "head", "token", "with_layer", "with_head")),
    ],
)
async def test_what_cannot_be_replayed_is_told(discord: Discord, changed: dict[str, object], says: str) -> None:
    made = json.loads(await taken(discord, await discord.command("attention", text="The cat", layer=1, head=1)))
    refused = await discord.command("attention", text=json.dumps({**made, **changed}))
    assert says in refused.text and not refused.files


@given(
    st.text()
    | st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(json.dumps)
)
def test_other_texts_are_texts(settings: CoreSettings, text: str) -> None:
    assert recipe.parse_recipe(text, ModelRegistry(settings)) == {}


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"a": 1}', "{France|Iceland}", "[1]", "[" * 100_000, "{" * 5, '{"a":' * 100_000]
)
def test_braces_alone_make_no_recipe(settings: CoreSettings, text: str) -> None:
    assert recipe.parse_recipe(text, ModelRegistry(settings)) == {}
