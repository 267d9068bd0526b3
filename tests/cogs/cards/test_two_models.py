"""`with:`: two models on one card, what can be pressed there, and what is refused."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pytest

from bot.client.errors import MARK
from bot.playground.api import rules
from cogs.requests import progress
from core import Core, CoreSettings
from core.errors import DeviceFailed
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_edit import filled, opened
from tests.cogs.requests.test_presses import alt, is_redrawn, ways
from tests.cogs.requests.test_restart import is_pressed_as_before
from tests.cogs.test_models import discord as discord

CARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "labels": ("sentiment", {"text": "i love it", "with": "distilbert-classifier"}),
    "the same labels": ("sentiment", {"text": "i love it", "with": "bundled/minilm"}),
    "windows": ("sentiment", {"text": ("i love this film " * 17).strip(), "with": "distilbert-classifier"}),
    "words": ("unmask", {"text": "the ___ sat", "top": 7, "with": "roberta-masked-lm", "targets": "cat, mat"}),
    "a causal model": ("unmask", {"text": "the cat ___", "with": "gpt2", "model": "distilbert-masked-lm"}),
    "maps": ("attention", {"text": "the cat sat", "with": "distilbert-masked-lm"}),
    "maps apart": ("attention", {"text": "unready cat", "with": "roberta-masked-lm", "layer": 3, "head": 1}),
    "an encoder": ("attention", {"text": "the cat sat", "with": "bundled/reverser", "word": "cat", "shown": "bare"}),
    "a pair": ("attention", {"text": "the cat", "second": "the mat", "with": "distilbert-masked-lm", "shown": "ba"}),
}
ATTENTION = {"text": "the cat sat", "with": "distilbert-masked-lm", "layer": 2, "head": 2}


def chosen(card: Exchange, action: str) -> str:
    (control,) = (part for id, part in card.controls.items() if id.startswith(f"{action}:"))
    (value,) = (option["value"] for option in control["options"] if option.get("default"))
    return value


def models(card: Exchange) -> list[str]:
    """The models that a card names, in its order."""
    return [line.split()[1] for line in card.text.splitlines() if line.startswith("-# ") and " tokens" in line]


@pytest.mark.parametrize("kind", CARDS)
async def test_a_card_names_both(discord: Discord, kind: str) -> None:
    command, options = CARDS[kind]
    card = await discord.command(command, **options)
    assert not list(rules.message_problems(card.message)) and card.files[0][0] == f"{command}_with.png"
    assert models(card)[1] == options["with"] and len(models(card)) == 2


@pytest.mark.parametrize("kind", ["labels", "words", "maps apart"])
async def test_every_control_works_after_a_restart(discord: Discord, kind: str) -> None:
    command, options = CARDS[kind]
    card = await discord.command(command, **options)
    await is_pressed_as_before(discord, card)


async def test_so_do_those_of_one_of_them(discord: Discord) -> None:
    card = await discord.command("attention", **ATTENTION)
    await is_pressed_as_before(discord, await discord.press(card, card.control("models"), "second"))


@pytest.mark.parametrize("kind", ["labels", "words", "maps"])
async def test_one_of_them_both_and_the_other_way_round(discord: Discord, kind: str) -> None:
    command, options = CARDS[kind]
    card = await discord.command(command, **options)
    first, second = models(card)
    assert chosen(card, "models") == "both" and first in alt(card) and second in alt(card)
    for side, name in (("first", first), ("second", second)):
        alone = await discord.press(card, card.control("models"), side)
        assert is_redrawn(alone, card) or command == "unmask"
        assert f"`{name}`" in alone.text.splitlines()[0] and chosen(alone, "models") == side
        other = await discord.press(alone, alone.control("look", ".swap"))
        assert chosen(other, "models") == {"first": "second", "second": "first"}[side]
    swapped = await discord.press(card, card.control("look", ".swap"))
    assert alt(swapped).index(second) < alt(swapped).index(first) and models(swapped) == [first, second]
    back = await discord.press(swapped, swapped.control("look", ".swap"))
    assert (alt(back), back.files) == (alt(card), card.files)


async def test_what_one_model_answers_is_what_it_answers_alone(discord: Discord) -> None:
    card = await discord.command("attention", **ATTENTION)
    second = await discord.press(card, card.control("models"), "second")
    alone = await discord.command("attention", text="the cat sat", model="distilbert-masked-lm", layer=2, head=2)
    assert (alt(second), second.files[0][1]) == (alt(alone), alone.files[0][1])
    grid = await discord.press(second, second.control("kind"), "grid")
    assert alt(grid) == alt(await discord.press(alone, alone.control("kind"), "grid"))
    both = await discord.press(grid, grid.control("models"), "both")
    assert alt(both) == alt(card)  # with the same heads


async def test_the_difference_and_the_other_way_round(discord: Discord) -> None:
    card = await discord.command("attention", **ATTENTION)
    difference = await discord.press(card, card.control("models"), "difference")
    assert is_redrawn(difference, card) and chosen(difference, "models") == "difference"
    assert "distilbert-masked-lm · layer 2 of 2 · head 2 of 4 minus bert-masked-lm · layer 2 of 3" in alt(difference)
    reverse = await discord.press(difference, difference.control("look", ".swap"))
    assert "bert-masked-lm · layer 2 of 3 · head 2 of 2 minus distilbert-masked-lm · layer 2" in alt(reverse)
    assert chosen(reverse, "models") == "difference"


async def test_there_is_none_where_they_read_other_tokens(discord: Discord) -> None:
    card = await discord.command("attention", text="unready cat", **{"with": "roberta-masked-lm"})
    offered = [option["value"] for option in card.controls[card.control("models")]["options"]]
    assert offered == ["both", "first", "second"] and "different tokens" in alt(card)


async def test_heads_move_together_until_one_is_chosen(discord: Discord) -> None:
    """bert-masked-lm has 3 × 2 heads, distilbert-masked-lm 2 × 4."""
    card = await discord.command("attention", **ATTENTION | {"layer": 1, "head": 1})
    assert [chosen(card, action) for action in ("layer", "head", "beside", "besidehead")] == ["0", "0", "0", "0"]
    moved = await discord.press(card, card.control("layer"), "2")
    assert (chosen(moved, "layer"), chosen(moved, "beside")) == ("2", "1")  # there is no third
    own = await discord.press(moved, moved.control("besidehead"), "3")
    assert "layer 3 of 3 · head 1 of 2" in alt(own) and "layer 2 of 2 · head 4 of 4" in alt(own)
    mean = await discord.press(own, own.control("head"), "-1")
    assert "layer 3 of 3 · mean of 2 heads" in alt(mean) and "layer 2 of 2 · head 4 of 4" in alt(mean)
    second = await discord.press(mean, mean.control("models"), "second")
    assert (chosen(second, "layer"), chosen(second, "head")) == ("1", "3")
    both = await discord.press(second, second.control("models"), "both")
    assert alt(both) == alt(mean)
    together = await discord.press(own, own.control("besidehead"), "0")
    again = await discord.press(together, together.control("head"), "1")
    assert (chosen(again, "head"), chosen(again, "besidehead")) == ("1", "1")


async def test_a_word_is_outlined_in_both(discord: Discord) -> None:
    card = await discord.command("attention", text="the cat sat", word="cat", **{"with": "roberta-masked-lm"})
    assert card.text.splitlines()[1].startswith("Of the other words, `cat` looks most at ")
    assert " in `roberta-masked-lm` (" in card.text.splitlines()[1]


@pytest.mark.parametrize("side", ["both", "difference", "first", "second"])
async def test_its_recipe_brings_the_picture_back(discord: Discord, side: str) -> None:
    card = await discord.command("attention", **ATTENTION)
    own = await discord.press(card, card.control("besidehead"), "-1")
    seen = await discord.press(own, own.control("models"), side) if side != "both" else own
    files = await discord.press(seen, seen.control("take"))
    (line,) = re.findall(r"```json\n(.*)\n```", files.text)
    assert ("with" in json.loads(line)) == (side in ("both", "difference"))
    again = await discord.command("attention", text=line)
    assert again.files[0][1] == seen.files[0][1] and alt(again) == alt(seen)
    assert [name for name, _ in files.files] == [f"attention.{kind}" for kind in ("csv", "npz", "html", "svg")]


@pytest.mark.parametrize(
    ("command", "text", "other"),
    [("unmask", "the ___ sat", "gpt2"), ("sentiment", "the cat is good", "distilbert-classifier")],
)
async def test_answers_can_be_taken_away(discord: Discord, command: str, text: str, other: str) -> None:
    card = await discord.command(command, text=text, **{"with": other})
    files = dict((await discord.press(card, card.control("take"))).files)
    assert [*files] == [f"{command}.{kind}" for kind in ("csv", "npz", "html", "svg")]
    stored = np.load(io.BytesIO(files[f"{command}.npz"]), allow_pickle=False)
    made = json.loads(str(stored["recipe"]))
    assert (made["command"], made["text"].lower(), made["with"]) == (command, made["text"].lower(), other)
    assert {*stored["model"].tolist()} == {made["model"], other}


REFUSED = {
    "the same": ("unmask", {"text": "the ___", "with": "bert-masked-lm"}, "That would be bert-masked-lm twice"),
    "no such model": ("unmask", {"text": "the ___", "with": "gpt3"}, "with: That model is not among those"),
    "no gap": ("unmask", {"text": "the cat", "with": "gpt2"}, "bert-masked-lm: There is no mask in that text"),
    "several": ("sentiment", {"text": "a\nb", "with": "distilbert-classifier"}, "compared on one text"),
    "a slot": ("sentiment", {"text": "{a|b}", "with": "distilbert-classifier"}, "compared on one text"),
    "a view": ("attention", {"text": "the", "view": "grid", "with": "gpt2"}, "side by side as `One head` only"),
    "two texts": ("attention", {"text": "the", "against": "mat", "with": "gpt2"}, "`with:`, or `against:`"),
    "no such layer": ("attention", {"text": "the", "layer": 4, "with": "gpt2"}, "bert-masked-lm: This model has 3"),
    "no parts": ("attention", {"text": "the", "shown": "ab", "with": "gpt2"}, "There is only one text"),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_refused_at_once(discord: Discord, kind: str) -> None:
    command, options, says = REFUSED[kind]
    refused = await discord.command(command, **options)
    assert refused.steps == ["callback 4"] and refused.private
    assert refused.text.startswith(MARK) and says in refused.text


async def test_a_mistyped_second_model_is_edited(discord: Discord) -> None:
    """The option has a name that is none in Python."""
    refused = await discord.command("unmask", text="the ___ sat", top=3, **{"with": "roberta-masked"})
    form = await opened(discord, refused)
    assert filled(form) == {"text": "the ___ sat", "with": "roberta-masked", "top": "3"}
    card = await discord.submit(refused, form, "the ___ sat", "roberta-masked-lm", "3")
    assert models(card) == ["bert-masked-lm", "roberta-masked-lm"]


async def test_names_are_completed_without_the_one_that_is_asked(discord: Discord) -> None:
    assert await discord.complete("sentiment", "with", "") == ["distilbert-classifier", "bundled/minilm"]
    assert "gpt2" not in await discord.complete("attention", "with", "gpt", model="gpt2")
    assert await discord.complete("attention", "with", "looks back") == ["bundled/reverser"]


async def test_what_a_server_chose_is_the_first_model(discord: Discord) -> None:
    await discord.command("settings", model="gpt2")
    card = await discord.command("attention", text="the cat", **{"with": "bert-masked-lm"})
    assert models(card) == ["gpt2", "bert-masked-lm"]
    refused = await discord.command("attention", text="the cat", **{"with": "gpt2"})
    assert "That would be gpt2 twice" in refused.text


async def test_who_waits_for_the_second_model_is_told_so_once(
    discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    await discord.command("attention", text="the cat")  # the first is loaded
    monkeypatch.setattr(progress, "PAUSES", (0,))
    card = await discord.command("attention", text="the cat", **{"with": "roberta-masked-lm"})
    assert card.steps == ["callback 5", "PATCH", "PATCH"]
    assert card.sent[1].body["content"].startswith("⏳ The model roberta-masked-lm is being loaded")
    assert "⏳" not in card.text and card.files


async def test_one_that_fails_is_named_in_the_one_answer(discord: Discord, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = discord.bot.core._executor
    submit = executor.submit

    async def failing(job: Any, *args: Any, **options: Any) -> Any:
        if job.folder.endswith("roberta-masked-lm"):
            raise DeviceFailed
        return await submit(job, *args, **options)

    monkeypatch.setattr(executor, "submit", failing)
    failed = await discord.command("attention", text="the cat", **{"with": "roberta-masked-lm"})
    assert failed.text == f"{MARK}roberta-masked-lm: The model failed on this request: try again, or with another text."
    assert failed.private and failed.steps[-1] == "POST"


async def test_other_commands_look_at_the_text_with_the_first_model(discord: Discord) -> None:
    card = await discord.command("attention", **ATTENTION | {"model": "roberta-masked-lm"})
    assert {"tokens", "attention"} <= ways(card)
    alone = await discord.press(card, card.control("lens", "attention"))
    assert "-# roberta-masked-lm · " in alone.text and alone.private
    assert not any(id.startswith(("made:", "matters:", "rescue:")) for id in card.controls)


async def test_a_picture_that_only_one_model_has_is_left_for_one_that_both_have(discord: Discord) -> None:
    """Lines are drawn between forty words at most, and special tokens, which GPT-2 lacks, are counted among them."""
    text = " ".join(["cat"] * 40)
    card = await discord.command("attention", text=text, model="gpt2", **{"with": "distilbert-masked-lm"})
    first = await discord.press(card, card.control("models"), "first")
    arcs = await discord.press(first, first.control("kind"), "arcs")
    second = await discord.press(arcs, arcs.control("models"), "second")
    swapped = await discord.press(arcs, arcs.control("look", "swap"))
    for pressed in (second, swapped):
        assert is_redrawn(pressed, card) and (chosen(pressed, "models"), chosen(pressed, "kind")) == ("second", "head")
    film = await discord.press(first, first.control("kind"), "film")
    assert chosen(await discord.press(film, film.control("models"), "second"), "kind") == "film"


async def test_each_is_told_what_it_could_not_read(discord: Discord) -> None:
    card = await discord.command("attention", text="the 🤗", **{"with": "roberta-masked-lm"})
    lines = card.text.splitlines()
    warned = next(n for n, line in enumerate(lines) if line.startswith("⚠️"))
    assert lines[warned + 1].startswith("-# bert-masked-lm") and lines[warned + 2].startswith("-# roberta-masked-lm")


async def test_a_second_model_that_is_no_longer_allowed(discord: Discord, settings: CoreSettings) -> None:
    card = await discord.command("attention", **ATTENTION)
    async with Core.open(settings) as narrower, Discord(narrower).logged_in() as later:
        refused = await later.press(card, card.control("numbers"))
    assert refused.text.endswith("no longer kept: run /attention again.")
