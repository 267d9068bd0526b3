"""Cards of what words do for an answer: any answer, at any mask, by itself or rather than another one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.client.errors import MARK
from bot.playground.api import rules
from cogs.cards.asked import read_explained, spell_explained
from cogs.cards.controls.explanation import ALONE, explanation_rows
from cogs.cards.controls.items import OPTIONS
from cogs.cards.view_state import ViewState
from core.language import ENGLISH
from core.results import Choice, Explanation
from tests.cogs.inprocess import BOB, Discord, Exchange
from tests.cogs.requests.test_presses import REDRAWN, alt
from tests.cogs.requests.test_restart import is_pressed_as_before
from tests.cogs.test_models import discord as discord
from tests.cogs.test_models import says
from tests.core.render.golden import samples

TEXT, TWO = "the [MASK] sat", "the [MASK] sat on the [MASK]."


async def why(discord: Discord, command: str = "unmask", **options: Any) -> Exchange:
    card = await discord.command(command, **options)
    return await discord.press(card, card.control("lens", "why_word" if command == "unmask" else "why"))


def options(card: Exchange, name: str) -> dict[str, str]:
    """What a select offers: its labels by their values."""
    return {one["value"]: one["label"] for one in card.controls[card.control(name)]["options"]}


def chosen(card: Exchange, name: str) -> str:
    (value,) = [one["value"] for one in card.controls[card.control(name)]["options"] if one.get("default")]
    return value


def is_changed(exchange: Exchange, card: Exchange) -> bool:
    """Whether the card itself shows another result now, of the same text and model."""
    assert not list(rules.message_problems(exchange.message)) and not exchange.extra
    assert exchange.message["id"] == card.message["id"]
    assert exchange.text.splitlines()[1] == card.text.splitlines()[1] and says(exchange) == says(card)
    return exchange.steps == REDRAWN and exchange.files[0][1].startswith(b"\x89PNG")


async def test_a_word_is_explained_for_whoever_presses(discord: Discord) -> None:
    card = await discord.command("unmask", text=TEXT, top=20)
    found = await discord.press(card, card.control("lens", "why_word"))
    assert found.private and not list(rules.message_problems(found.message))
    assert found.message["attachments"][0]["filename"] == "why_word.png"
    first = options(found, "answer")[chosen(found, "answer")].removeprefix("Why ").removesuffix("?")
    assert f"`{first}`" in card.text.splitlines()[0] and f"“{first}”" in alt(found)
    assert len(options(found, "answer")) == 24 and len(options(found, "rather")) == 24
    assert chosen(found, "rather") == ALONE and "mask:" not in "".join(found.controls)


async def test_another_answer_and_another_one_to_compare_it_with_change_the_card_itself(discord: Discord) -> None:
    found = await why(discord, text=TEXT)
    first, second, third = [*options(found, "answer")][:3]
    other = await discord.press(found, found.control("answer"), second)
    assert is_changed(other, found) and chosen(other, "answer") == second and alt(other) != alt(found)
    apart = await discord.press(other, other.control("rather"), third)
    assert is_changed(apart, found) and (chosen(apart, "answer"), chosen(apart, "rather")) == (second, third)
    assert "” rather than “" in alt(apart) and "Gradients of the difference of two logits" in alt(apart)
    swapped = await discord.press(apart, apart.control("answer"), third)  # nothing is compared with itself
    assert (chosen(swapped, "answer"), chosen(swapped, "rather")) == (third, ALONE)
    alone = await discord.press(apart, apart.control("rather"), ALONE)
    assert alt(alone) == alt(other)
    back = await discord.press(alone, alone.control("answer"), first)
    assert alt(back) == alt(found) and back.text == found.text


async def test_of_several_masks_another_one(discord: Discord) -> None:
    found = await why(discord, text=TWO)
    assert chosen(found, "mask") == "1" and options(found, "mask")["2"] == "Mask 2 of 2"
    second = await discord.press(found, found.control("mask"), "2")
    assert is_changed(second, found) and chosen(second, "mask") == "2" and "Mask 2 of 2." in alt(second)
    rows = [row for row in second.message["components"][0]["components"] if row["type"] == 1]
    assert len(rows) <= 5


async def test_words_that_were_compared_are_among_the_answers(discord: Discord) -> None:
    found = await why(discord, text=TEXT, targets="love, film, lovely cats")
    told = options(found, "answer")
    assert {"Why love?", "Why film?"} <= {*told.values()} and len(told) <= OPTIONS
    assert told[chosen(found, "answer")] in ("Why love?", "Why film?")
    (other,) = [value for value, label in options(found, "rather").items() if label.endswith((" love", " film"))]
    apart = await discord.press(found, found.control("rather"), other)
    assert "“love” rather than “film”" in alt(apart) or "“film” rather than “love”" in alt(apart)


async def test_what_a_causal_model_writes_next(discord: Discord) -> None:
    found = await why(discord, text="the cat sat on", model="gpt2")
    assert says(found) == "gpt2" and "Gradients: from <|endoftext|> everywhere" in alt(found)
    other = await discord.press(found, found.control("answer"), [*options(found, "answer")][4])
    assert is_changed(other, found) and says(other) == "gpt2"


async def test_any_label(discord: Discord) -> None:
    found = await why(discord, "sentiment", text="i love it", model="distilbert-classifier")
    assert set(options(found, "answer").values()) == {f"Why {label}?" for label in "ABC"}
    last = [*options(found, "answer")][-1]
    other = await discord.press(found, found.control("answer"), last)
    assert is_changed(other, found) and f" {'ABC'[int(last)]} (" in alt(other).splitlines()[0]
    apart = await discord.press(other, other.control("rather"), [*options(other, "rather")][1])
    assert "rather than" in alt(apart) and says(apart) == "distilbert-classifier"


CARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "word": ("unmask", {"text": TEXT}),
    "masks": ("unmask", {"text": TWO}),
    "targets": ("unmask", {"text": TEXT, "targets": "love, film, lovely cats"}),
    "next": ("unmask", {"text": "the cat sat on ___ mat", "model": "gpt2"}),
    "label": ("sentiment", {"text": "i love it"}),
}


@pytest.mark.parametrize("kind", CARDS)
async def test_every_control_works_after_a_restart(discord: Discord, kind: str) -> None:
    command, asked = CARDS[kind]
    found = await why(discord, command, **asked)
    await is_pressed_as_before(discord, found)
    for name in ("mask", "answer", "rather"):
        if [id for id in found.controls if id.startswith(f"{name}:")]:
            found = await discord.press(found, found.control(name), [*options(found, name)][-1])
            assert not found.text.startswith(MARK)
    await is_pressed_as_before(discord, found)


async def test_somebody_else_gets_a_copy_of_their_own(discord: Discord) -> None:
    private = await why(discord, text=TEXT)
    public = await discord.press(private, private.control("show"))
    shown = public if public.controls else Exchange(message=public.extra[0])
    discord.person = BOB
    theirs = await discord.press(shown, shown.control("answer"), [*options(shown, "answer")][3])
    assert theirs.private and theirs.message["id"] != shown.message["id"] and alt(theirs) != alt(shown)


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 30, "½", "1.5"])
@pytest.mark.parametrize("name", ["answer", "rather", "mask"])
async def test_what_no_card_offers_is_answered_with_a_sentence(discord: Discord, name: str, value: str) -> None:
    found = await why(discord, text=TWO)
    pressed = await discord.press(found, found.control(name), value)
    told = Exchange(message=pressed.extra[0]).text if pressed.extra else pressed.text  # the card itself stays
    assert told.startswith(MARK)


async def test_an_explanation_can_be_taken_away_with_how_to_get_it_again(discord: Discord) -> None:
    found = await why(discord, text=TWO)
    second = await discord.press(found, found.control("mask"), "2")
    taken = await discord.press(second, second.control("take"))
    files = dict(taken.files)
    assert {*files} == {f"why_word.{kind}" for kind in ("csv", "npz", "html", "svg")}
    page = files["why_word.html"].decode()
    assert '"mask": 2' in page.replace("&quot;", '"') and "`/attention` takes" not in taken.text


@given(st.text(max_size=30), st.integers(0, 10**6), st.text(max_size=30) | st.none(), st.integers(1, 6))
def test_what_was_asked_is_read_back_from_what_a_card_says(name: str, id: int, other: str | None, mask: int) -> None:
    answer, rather = Choice(id, name), None if other is None else Choice(id + 1, other)
    result = Explanation(
        samples.MASKED, answer, (), 0.0, 0.0, "[MASK]", 16, rather=rather, choices=(Choice(id + 2, "x"),), mask=mask
    )
    read = read_explained(spell_explained(result))
    wanted = {"answer": id, **({"mask": mask} if mask > 1 else {}), **({"rather": id + 1} if rather else {})}
    assert read == wanted


def test_a_regression_with_one_number_has_nothing_to_choose() -> None:
    result = Explanation(
        samples.CAT,
        Choice(0, "stars"),
        (),
        2.0,
        1.0,
        "[MASK]",
        16,
        "regression",
        ("stars",),
        None,
        (Choice(0, "stars"),),
    )
    assert explanation_rows(ENGLISH, "0" * 10, result, ViewState()) == []


def test_many_labels_stay_within_what_a_select_holds() -> None:
    choices = tuple(Choice(n, f"label {n} " + "x" * 200, 1 / (n + 1)) for n in range(60))
    labels = tuple(one.name for one in choices)
    result = Explanation(samples.CAT, choices[40], (), 2.0, 1.0, "[MASK]", 16, labels=labels, choices=choices)
    for row in explanation_rows(ENGLISH, "0" * 10, result, ViewState()):
        shown = row[0].item.to_component_dict()
        assert len(shown["options"]) == OPTIONS and len(json.dumps(shown)) < 20_000
        assert all(len(one["label"]) <= 100 for one in shown["options"])
