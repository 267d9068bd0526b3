"""Cards of answers without parts of a model: how one gets there, and what can be pressed on them."""

from __future__ import annotations

import pytest

from bot.playground.api import rules
from tests.cogs.inprocess import Discord, Exchange
from tests.cogs.requests.test_presses import alt, is_redrawn, ways
from tests.cogs.requests.test_restart import is_pressed_as_before

TEXT = "The [MASK] sat."


def switched_off(card: Exchange) -> tuple[str, str]:
    """The layer and the head that are chosen on a card, from 0."""
    chosen = [
        option["value"]
        for action in ("layer", "head")
        for option in card.controls[card.control(action)]["options"]
        if option.get("default")
    ]
    assert len(chosen) == 2
    return chosen[0], chosen[1]


@pytest.fixture
async def word(discord: Discord) -> Exchange:
    card = await discord.command("unmask", text=TEXT)
    return await discord.press(card, card.control("lens", "ablate_word"))


async def test_the_card_opens_on_the_head_that_changes_most(discord: Discord, word: Exchange) -> None:
    assert word.private and not list(rules.message_problems(word.message))
    layer, head = (int(number) + 1 for number in switched_off(word))
    assert word.text.startswith(f"### Without layer {layer}, head {head}, `")
    assert alt(word).startswith(f"Without layer {layer}, head {head}, “")


async def test_any_other_head_can_be_switched_off(discord: Discord, word: Exchange) -> None:
    there = await discord.press(word, word.control("layer"), "2")
    last = await discord.press(there, there.control("head"), "1")
    assert is_redrawn(last, word) and switched_off(last) == ("2", "1")
    assert last.text.startswith("### Without layer 3, head 2, `")
    for option in last.controls[last.control("head")]["options"]:
        assert "%" in option["description"] and " → " in option["description"]


async def test_the_mean_stands_in_for_a_part_and_zero_again(discord: Discord, word: Exchange) -> None:
    mean = await discord.press(word, word.control("lens", "ablate_word-mean"))
    assert mean.private and "at its mean" in alt(mean) and "at zero" in alt(word)
    zero = await discord.press(mean, mean.control("lens", "ablate_word-zero"))
    assert alt(zero) == alt(word)


async def test_a_label_without_each_head(discord: Discord) -> None:
    card = await discord.command("sentiment", text="i love it")
    label = await discord.press(card, card.control("lens", "ablate_label"))
    assert "POSITIVE" in label.text or "NEGATIVE" in label.text
    assert not list(rules.message_problems(label.message)) and {"tokens", "attention"} <= ways(label)


@pytest.mark.parametrize(("command", "text", "way"), [("unmask", TEXT, "word"), ("sentiment", "i love it", "label")])
async def test_every_control_works_after_a_restart(discord: Discord, command: str, text: str, way: str) -> None:
    card = await discord.command(command, text=text)
    here = await discord.press(card, card.control("lens", f"ablate_{way}"))
    await is_pressed_as_before(discord, here)
    mean = await discord.press(here, here.control("lens", f"ablate_{way}-mean"))
    await is_pressed_as_before(discord, mean)


async def test_the_head_that_is_looked_at_may_not_matter(discord: Discord) -> None:
    card = await discord.command("attention", text=TEXT, layer=2, head=1)
    found = await discord.press(card, card.control("matters"))
    assert found.private and switched_off(found) == ("1", "0")
    assert found.text.startswith("### Without layer 2, head 1, ")
    discord.bot.core._results._kept.clear()
    assert (await discord.press(card, card.control("matters"))).text == found.text


async def test_a_mean_of_heads_is_none_to_switch_off(discord: Discord) -> None:
    card = await discord.command("attention", text=TEXT, layer=2)
    found = await discord.press(card, card.control("matters"))
    assert found.text.startswith("### Without layer ") and found.files


@pytest.mark.parametrize(
    ("command", "options", "action"),
    [
        ("attention", {"text": "the cat sat"}, "matters"),  # a model that fills masks has nothing to fill
        ("attention", {"text": "the [MASK]", "second": "the mat"}, "matters"),
        ("attention", {"text": "the [MASK]", "against": "the [MASK] sat"}, "matters"),
        ("tokens", {"text": TEXT}, "matters"),
    ],
)
async def test_where_there_is_nothing_to_ask(
    discord: Discord, command: str, options: dict[str, str], action: str
) -> None:
    await discord.bot.core.warm_up()
    card = await discord.command(command, **options)
    found = [id for id in card.controls if id.startswith(f"{action}:") and (action != "lens" or "ablate" in id)]
    assert card.files and not found
