"""Controls of a card, pressed."""

from __future__ import annotations

import asyncio
import copy
import itertools
import logging
from dataclasses import replace
from typing import Any

import pytest
from discord import SelectOption, ui

from bot.playground.api import rules
from cogs.cards.attention_views import ATTENTION_VIEWS
from cogs.cards.controls.attention import attention_rows
from cogs.cards.controls.items import OPTIONS, select
from cogs.cards.view_state import MEAN, ViewState
from core import Core, CoreSettings
from core.language import ENGLISH
from tests import tiny
from tests.cogs.inprocess import Discord, Exchange
from tests.core.render.golden import samples

TEXT = "The cat sat on the mat."
REDRAWN = ["callback 6", "PATCH"]


@pytest.fixture
async def card(discord: Discord) -> Exchange:
    return await discord.command("attention", text=TEXT, layer=1)


def alt(exchange: Exchange) -> str:
    (gallery,) = (part for part in exchange.parts if part["type"] == rules.GALLERY)
    return gallery["items"][0]["description"]


def is_redrawn(exchange: Exchange, card: Exchange) -> bool:
    """Whether the card itself was changed, in one edit, and is as good a card as before."""
    ((name, picture),) = exchange.files
    assert not list(rules.message_problems(exchange.message))
    assert exchange.message["id"] == card.message["id"] and not exchange.extra
    assert exchange.text.splitlines()[-2:] == card.text.splitlines()[-2:]  # the text, and whose answer it is
    assert picture.startswith(b"GIF8" if name.endswith("gif") else b"\x89PNG")
    return exchange.steps == REDRAWN


@pytest.mark.parametrize("kind", sorted(ATTENTION_VIEWS))
async def test_every_kind_of_picture(discord: Discord, card: Exchange, kind: str) -> None:
    if kind == "tour" and kind not in [option["value"] for option in card.controls[card.control("kind")]["options"]]:
        pytest.skip("no head of this model stands out")
    exchange = await discord.press(card, card.control("kind"), kind)
    assert is_redrawn(exchange, card)
    assert exchange.text.splitlines()[0] == f"### Attention · {ATTENTION_VIEWS[kind].label}"
    (select,) = (part for id, part in exchange.controls.items() if id.startswith("kind:"))
    assert [option["value"] for option in select["options"] if option.get("default")] == [kind]
    back = await discord.press(exchange, exchange.control("kind"), "head")
    assert is_redrawn(back, card)
    assert alt(back) == alt(card)


async def test_layer_and_head(discord: Discord, card: Exchange) -> None:
    third = await discord.press(card, card.control("layer"), "2")
    assert is_redrawn(third, card) and "Layer 3 of 3" in alt(third)
    second = await discord.press(third, third.control("head"), "1")
    assert is_redrawn(second, card) and "Layer 3 of 3 · head 2 of 2" in alt(second)
    mean = await discord.press(second, second.control("head"), "-1")
    assert "Layer 3 of 3 · mean of 2 heads" in alt(mean)


async def test_one_token(discord: Discord, card: Exchange) -> None:
    view = await discord.press(card, card.control("kind"), "token")
    cat = await discord.press(view, view.control("token"), "2")
    assert is_redrawn(cat, card)
    assert "“cat”" in alt(cat) or "cat" in alt(cat).partition(",")[0]


async def test_the_lines_and_the_film_of_one_word(discord: Discord, card: Exchange) -> None:
    arcs = await discord.press(card, card.control("kind"), "arcs")
    cat = await discord.press(arcs, arcs.control("token"), "2")
    assert is_redrawn(cat, card) and " cat → " in alt(cat) and "lines between words" in alt(cat)
    onwards = await discord.press(cat, cat.control("look", ".on"))
    assert is_redrawn(onwards, card) and " cat → " in alt(onwards) and alt(onwards) != alt(cat)
    film = await discord.press(onwards, onwards.control("kind"), "film")
    assert is_redrawn(film, card) and "What “cat” looks at, layer by layer." in alt(film)
    mat = await discord.press(film, film.control("token"), "6")
    assert is_redrawn(mat, card) and "What “mat” looks at" in alt(mat)
    assert {"layer", "head", "shown"}.isdisjoint(control.partition(":")[0] for control in film.controls)


async def test_between_many_words_there_are_no_lines(discord: Discord) -> None:
    card = await discord.command("attention", text="the cat sat " * 13, view="grid")
    (kinds,) = (part["options"] for id, part in card.controls.items() if id.startswith("kind:"))
    assert "arcs" not in [option["value"] for option in kinds] and card.files
    refused = await discord.command("attention", text="the cat sat " * 13, view="arcs")
    assert "Lines between 41 words cannot be told apart" in refused.text and not refused.files


async def test_a_token_that_is_not_there(discord: Discord) -> None:
    card = await discord.command("attention", text=TEXT, view="token", token=40)
    assert "tokens: choose one from 1 to" in card.text and not card.files


async def test_next_goes_through_every_head_and_comes_back(discord: Discord, card: Exchange) -> None:
    seen = [alt(card)]
    here = card
    for _ in range(3 * (2 + 1) - 1):  # in each layer its heads and their mean
        here = await discord.press(here, here.control("look", ".on"))
        assert is_redrawn(here, card)
        seen.append(alt(here))
    assert len(set(seen)) == 9
    assert "Layer 1 of 3 · head 1 of 2" in seen[1] and "Layer 2 of 3 · mean" in seen[3]
    last = await discord.press(here, here.control("look", ".on"))
    assert alt(last) == alt(card)
    back = await discord.press(card, card.control("look", ".back"))
    assert alt(back) == seen[-1]


@pytest.mark.parametrize("command", ["sentiment", "unmask", "tokens", "attention"])
async def test_the_numbers_of_a_picture(discord: Discord, command: str) -> None:
    card = await discord.command(command, text="The [MASK] sat.")
    exchange = await discord.press(card, card.control("numbers"))
    assert exchange.steps == ["callback 5", "PATCH"] and exchange.private and not exchange.extra
    lines = exchange.text.splitlines()
    assert (lines[0], lines[-1]) == ("```", "```") and len(lines) > 3
    assert len(exchange.text) <= 2000


@pytest.mark.parametrize("command", ["sentiment", "unmask", "tokens", "attention"])
async def test_another_lens_on_the_same_text(discord: Discord, command: str) -> None:
    card = await discord.command(command, text="The [MASK] sat.")
    before = copy.deepcopy(card.message)
    for custom_id in [id for id in card.controls if id.startswith("lens:")]:
        exchange = await discord.press(card, custom_id)
        assert exchange.steps == ["callback 5", "PATCH"] and exchange.private
        assert "`The [MASK] sat.`" in exchange.text
        assert exchange.message["id"] != card.message["id"]
        assert not list(rules.message_problems(exchange.message))
    assert card.message == before


LONG = "the cat sat on the mat " * 80  # 1,840 characters
LONGER = "the cat sat on the mat " * 150  # 3,450


def ways(card: Exchange) -> set[str]:
    return {id.split(":")[2] for id in card.controls if id.startswith("lens:")}


@pytest.mark.parametrize(
    ("command", "text", "offered"),
    [
        ("sentiment", TEXT, {"why", "ablate_label", "tokens", "attention"}),
        ("sentiment", LONG, {"tokens"}),
        ("sentiment", LONGER, set[str]()),
        ("tokens", LONG, {"sentiment"}),
        (
            "unmask",
            "The ___ sat.",
            {"why_word", "layers", "lens", "ablate_word", "surprisal", "sentiment", "tokens", "attention"},
        ),
        ("tokens", "\u200b\u2060", set[str]()),  # no model reads anything there
    ],
)
async def test_what_would_be_refused_is_not_offered(
    discord: Discord, command: str, text: str, offered: set[str]
) -> None:
    await discord.bot.core.warm_up()
    card = await discord.command(command, text=text)
    assert ways(card) == offered
    for custom_id in [id for id in card.controls if id.startswith("lens:")]:
        assert (await discord.press(card, custom_id)).steps == ["callback 5", "PATCH"]


async def test_a_text_that_is_too_long_to_be_explained_does_not_offer_that(settings: CoreSettings) -> None:
    """Explaining ends at 128 tokens, though this model reads more."""
    async with (
        Core.open(replace(settings, sentiment_model="bundled/minilm")) as core,
        Discord(core).logged_in() as discord,
    ):
        assert "why" in ways(await discord.command("sentiment", text="good " * 100))
        assert "why" not in ways(await discord.command("sentiment", text="good " * 140))


async def test_a_space_that_makes_a_text_too_long_is_not_offered(discord: Discord) -> None:
    await discord.bot.core.warm_up()
    short = await discord.command("attention", text="cat🤗")
    assert short.control("rescue")
    full = await discord.command("attention", text="cat " * (tiny.LONGEST - 3) + "cat🤗")
    assert full.files and not [id for id in full.controls if id.startswith("rescue")]


async def test_a_press_costs_the_device_nothing(
    discord: Discord, card: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def submit(*_: object, **__: object) -> None:
        raise AssertionError("a device was asked")

    monkeypatch.setattr(discord.bot.core._executor, "submit", submit)
    assert is_redrawn(await discord.press(card, card.control("layer"), "1"), card)
    assert is_redrawn(await discord.press(card, card.control("kind"), "grid"), card)
    assert (await discord.press(card, card.control("numbers"))).steps == ["callback 5", "PATCH"]


class Drawing:
    """Lets every drawing of a core take as long as the test wants."""

    def __init__(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        self._draw, self.held, self._begun = core.draw, list[asyncio.Event](), asyncio.Semaphore(0)
        monkeypatch.setattr(core, "draw", self)

    async def __call__(self, view: Any) -> Any:
        self.held.append(event := asyncio.Event())
        self._begun.release()
        await event.wait()
        return await self._draw(view)

    async def begun(self, count: int = 1) -> None:
        """Wait until so many more have begun."""
        for _ in range(count):
            await self._begun.acquire()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_of_presses_that_come_together_the_last_one_stays(
    discord: Discord, card: Exchange, order: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = Drawing(discord.bot.core, monkeypatch)
    presses = [discord.start_press(card, card.control("layer"), str(layer)) for layer in (2, 0, 1)]
    await drawing.begun(3)
    for number in order:
        drawing.held[number].set()
        for _ in range(20):  # whatever can go on now does
            await asyncio.sleep(0.001)
    await discord.settle()
    assert discord.edits[1:] == presses and all(press.steps == REDRAWN for press in presses)
    assert "Layer 2 of 3" in alt(presses[-1])
    assert not discord.bot.turns._begun


async def test_a_press_that_fails_holds_up_nobody(
    discord: Discord, card: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = Drawing(discord.bot.core, monkeypatch)
    slow = discord.start_press(card, card.control("layer"), "2")
    await drawing.begun()
    discord.refusals["callback 6"] = RuntimeError("Session is closed")
    broken = discord.start_press(card, card.control("head"), "1")
    good = discord.start_press(card, card.control("layer"), "1")
    await drawing.begun()
    for event in reversed(drawing.held):
        event.set()
        await asyncio.sleep(0.05)
    await discord.settle()
    assert discord.edits[1:] == [slow, good] and "PATCH" not in broken.steps
    assert not discord.bot.turns._begun


async def test_another_card_waits_for_nobody(discord: Discord, card: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await discord.command("attention", text=TEXT, layer=1)
    drawing = Drawing(discord.bot.core, monkeypatch)
    slow = discord.start_press(card, card.control("layer"), "2")
    await drawing.begun()
    quick = discord.start_press(other, other.control("layer"), "2")
    await drawing.begun()
    drawing.held[1].set()
    for _ in range(5000):
        if quick.steps == REDRAWN:
            break
        await asyncio.sleep(0.001)
    assert (slow.steps, quick.steps) == (REDRAWN[:1], REDRAWN)
    drawing.held[0].set()


def test_a_layer_of_which_there_are_more_than_a_select_can_show() -> None:
    options = [SelectOption(label=str(n), value=str(n), default=n == 30) for n in range(48)]
    shown = [option.value for option in select("layer", "0" * 10, "d", "Layer", options).item.options]  # type: ignore[attr-defined]
    assert len(shown) == OPTIONS and "30" in shown
    assert shown == [str(n) for n in range(int(shown[0]), int(shown[0]) + OPTIONS)]


def test_the_mean_of_all_heads_can_always_be_chosen() -> None:
    attention = samples.attention(samples.CAT, layers=2, heads=40)
    for head in (MEAN, 0, 12, 39):
        rows = attention_rows(ENGLISH, "0" * 10, attention, ViewState(layer=1, head=head))
        (found,) = [control.item for row in rows for control in row if control.custom_id.startswith("head:")]
        assert isinstance(found, ui.Select)
        values = [option.value for option in found.options]
        assert len(values) == OPTIONS and values[0] == str(MEAN) and str(head) in values
        assert [option.value for option in found.options if option.default] == [str(head)]


async def test_what_does_not_fit_into_a_message_is_in_a_file(discord: Discord) -> None:
    short = await discord.command("tokens", text="the cat")
    assert not (await discord.press(short, short.control("numbers"))).files
    card = await discord.command("tokens", text="the cat sat on " * 40)
    table = await discord.press(card, card.control("numbers"))
    ((name, data),) = table.files
    assert name == "table.csv" and "the file has all" in table.text
    assert len(data.decode("utf-8-sig").splitlines()) == 1 + 4 * 40 + 2


# What does not work any more


def without_exact_text(card: Exchange) -> Exchange:
    """The card as an older version would have sent it: nothing in it says what was asked."""
    old = Exchange(message=copy.deepcopy(card.message))
    old.message["attachments"] = []
    return old


async def test_a_result_that_is_no_longer_kept(settings: CoreSettings) -> None:
    async with Core.open(settings) as core, Discord(core).logged_in() as discord:
        card = without_exact_text(await discord.command("attention", text=TEXT))
        core._results._kept.clear()
        for custom_id, control in card.controls.items():
            values = [control["options"][0]["value"]] if control["type"] == rules.SELECT else []
            exchange = await discord.press(card, custom_id, *values)
            assert exchange.steps == ["callback 4"] and exchange.sent[0].body["data"]["flags"] & 64, custom_id
            assert "no longer kept" in exchange.text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda id: "something else entirely", "no longer kept"),
        (lambda id: "menu:1:2", "no longer kept"),
        (lambda id: "dance" + id[id.index(":") :], "no longer kept"),
        (lambda id: id.replace("head.", "hologram."), "no longer kept"),
        (lambda id: id.rpartition(".")[0], "no longer kept"),
        (lambda id: id.replace(".0.", ".9."), "This model has 3 layers"),
    ],
)
async def test_a_control_of_another_version(
    discord: Discord, card: Exchange, change: object, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    custom_id = card.control("numbers")
    changed = change(custom_id)  # type: ignore[operator]
    assert changed != custom_id
    card.controls[custom_id]["custom_id"] = changed
    with caplog.at_level(logging.WARNING):
        exchange = await discord.press(card, changed)
    assert exchange.steps == ["callback 4"] and exchange.sent[0].body["data"]["flags"] & 64
    assert sentence in exchange.text
    assert not caplog.records


async def test_a_lens_of_another_version(discord: Discord, card: Exchange) -> None:
    custom_id = card.control("lens")
    card.controls[custom_id]["custom_id"] = changed = custom_id.rpartition(":")[0] + ":shout"
    exchange = await discord.press(card, changed)
    assert exchange.steps == ["callback 4"] and "older version" in exchange.text


async def test_a_lens_that_only_others_have(discord: Discord, card: Exchange) -> None:
    custom_id = card.control("lens")
    card.controls[custom_id]["custom_id"] = changed = custom_id.rpartition(":")[0] + ":tokens-mean"
    exchange = await discord.press(card, changed)
    assert exchange.steps == ["callback 4"] and "no longer kept" in exchange.text


async def test_a_press_that_cannot_be_followed_leaves_the_card(discord: Discord, card: Exchange) -> None:
    """Late failures of a press are told beside the card, to the person who pressed."""
    discord.bot.core.draw, draw = broken, discord.bot.core.draw  # type: ignore[method-assign]
    try:
        exchange = await discord.press(card, card.control("layer"), "1")
    finally:
        discord.bot.core.draw = draw  # type: ignore[method-assign]
    assert exchange.steps == ["callback 6", "POST"]
    assert exchange.sent[1].body["flags"] & 64
    assert "Something went wrong" in exchange.extra[0]["content"]
    assert exchange.message == card.message


async def broken(view: object) -> None:
    raise RuntimeError("no paint")
