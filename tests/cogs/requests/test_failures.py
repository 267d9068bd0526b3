"""Every failure becomes exactly one polite answer, and the log holds no word of what people wrote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from bot.client.errors import MARK, OUTDATED, UNHEARD
from core import Core, CoreSettings
from core.errors import Busy, TimedOut
from core.reading.masks import MAX_MASKS
from core.results import Drawing, Sentiment
from tests.cogs.inprocess import ALICE, EPHEMERAL, LOADING, Discord, Exchange

TEXT = "my secret diary"
REFUSED = ["callback 5", "DELETE", "POST"]
"""What was acknowledged in public is taken back, and refused in private."""


class Clumsy(Core):
    """A core that fails, and can be made to wait."""

    error: Exception = ValueError(f"cannot read {TEXT}")

    async def sentiment(self, text: str, **_: Any) -> Sentiment:
        raise self.error.with_traceback(None)


@pytest.fixture
async def clumsy(settings: CoreSettings) -> AsyncGenerator[Discord, None]:
    async with Clumsy.open(settings) as core, Discord(core).logged_in() as discord:
        yield discord


@pytest.mark.parametrize(
    ("command", "text", "sentence"),
    [
        ("sentiment", "   ", "empty"),
        ("tokens", "\n\u3000", "empty"),
        ("attention", "z" * 2001, "2,001 characters"),
        ("unmask", TEXT, "no mask"),
        ("unmask", "___ " * (MAX_MASKS + 1), f"at most {MAX_MASKS}"),
        ("sentiment", "z" * 4001, "4,001 characters"),
        ("attention", "z " * 100, "102 tokens"),
        ("unmask", "z " * 100 + "___", "103 tokens"),
        ("sentiment", "\u200b\u2060", "nothing in that text"),
        ("sentiment", "the cat ;; \u200b\u2060", "nothing in that text"),
        ("sentiment", "{the|}", "empty"),
    ],
)
async def test_what_is_cheap_to_refuse_is_refused_at_once_and_in_private(
    discord: Discord, command: str, text: str, sentence: str
) -> None:
    await discord.bot.core.warm_up()
    exchange = await discord.command(command, text=text)
    assert exchange.steps == ["callback 4"]
    assert exchange.private and exchange.text.startswith(MARK) and sentence in exchange.text
    assert exchange.sent[0].body["data"]["allowed_mentions"] == {"parse": []}


PART, DIFFERENCE = "There is only one text", "leave out `against:`"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"layer": 50}, "This model has 3 layers"),
        ({"layer": 1, "head": 100}, "This model has 2 heads in each layer"),
        ({"head": 100}, "This model has 2 heads in each layer"),
        ({"layer": 4, "view": "rollout"}, "This model has 3 layers"),
        ({"shown": "ab"}, PART),
        ({"shown": "bb", "view": "grid"}, PART),
        ({"against": "my diary", "shown": "ab"}, DIFFERENCE),
        ({"against": "my diary", "second": "yes", "shown": "aa"}, DIFFERENCE),
        *(
            ({"against": "my diary", "view": view}, DIFFERENCE)
            for view in ("norms", "token", "lenses", "rollout", "map")
        ),
    ],
)
async def test_a_look_that_there_cannot_be_is_refused_at_once(
    discord: Discord, options: dict[str, Any], sentence: str
) -> None:
    exchange = await discord.command("attention", text=TEXT, **options)
    assert exchange.steps == ["callback 4"] and exchange.private and sentence in exchange.text


@pytest.mark.parametrize(
    "options",
    [
        {"layer": 3, "head": 2},
        {"second": "yes", "shown": "ab", "view": "head"},
        {"against": "my diary", "shown": "words", "view": "head"},
        {"against": "my diary", "view": "grid", "layer": 3},
    ],
)
async def test_a_look_that_there_is(discord: Discord, options: dict[str, Any]) -> None:
    assert (await discord.command("attention", text=TEXT, **options)).steps == ["callback 5", "PATCH"]


@pytest.mark.parametrize(("options", "sentence"), [({"view": "token", "token": 40}, "choose one from 1 to")])
async def test_what_is_known_late_takes_the_place_of_the_answer_and_only_who_asked_sees_it(
    discord: Discord, options: dict[str, int], sentence: str
) -> None:
    exchange = await discord.command("attention", text=TEXT, **options)
    assert exchange.steps == REFUSED and exchange.private and not exchange.extra
    assert exchange.text.startswith(MARK) and sentence in exchange.text
    assert not exchange.files


@pytest.mark.parametrize("error", [Busy(7.2), TimedOut()])
async def test_errors_of_the_core_speak_for_themselves(
    clumsy: Discord, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Clumsy, "error", error)
    exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps == REFUSED and exchange.private
    assert exchange.text == f"{MARK}{error}"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_the_unforeseen_gets_a_number_and_the_log_no_text(
    clumsy: Discord, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps == REFUSED and exchange.private
    assert "Something went wrong" in exchange.text
    number = exchange.text.rpartition("error id ")[2].rstrip(".")
    assert len(number) == 6 and f"Error {number}: ValueError at " in caplog.text
    assert "in sentiment" in caplog.text  # the traceback
    assert "diary" not in caplog.text and "diary" not in exchange.text


async def test_the_log_of_what_goes_well_has_no_text_either(discord: Discord, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for command in ("sentiment", "tokens", "attention"):
            assert (await discord.command(command, text=TEXT)).files
        await discord.command("unmask", text=TEXT)
    assert "diary" not in caplog.text


async def test_a_command_that_this_version_does_not_have(discord: Discord) -> None:
    exchange = await discord.command("sing", text=TEXT)
    assert exchange.steps == ["callback 4"] and exchange.private
    assert exchange.text == MARK + OUTDATED


async def test_a_command_with_options_of_another_version(discord: Discord) -> None:
    exchange = await discord.command("sentiment", words=TEXT)
    assert exchange.steps == ["callback 4"] and exchange.text == MARK + OUTDATED


@pytest.mark.parametrize("code", [10062, 40060])
async def test_too_late_or_twice_is_not_answered_again(
    discord: Discord, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    discord.refusals["callback 5"] = (404, code)
    exchange = await discord.command("sentiment", text=TEXT)
    assert exchange.steps == ["callback 5"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.levelname == "WARNING" and "could not be answered" in record.message and str(code) in record.message


async def test_an_answer_that_discord_refuses(discord: Discord, caplog: pytest.LogCaptureFixture) -> None:
    discord.refusals["PATCH"] = (400, 50035)
    exchange = await discord.command("sentiment", text=TEXT)
    assert exchange.steps == ["callback 5", "PATCH", "DELETE", "POST"]
    assert "Something went wrong" in exchange.text
    assert "diary" not in caplog.text


FAULTS = [
    (400, 50035),
    (403, 50001),
    (404, 0),
    (429, 0),
    (500, 0),
    (503, 0),
    aiohttp.ServerDisconnectedError(),
    OSError(),
]


DISCORDS = FAULTS[3:7]
"""Those that Discord or the way there is to blame for."""


def sentences(exchange: Exchange) -> list[str]:
    """What a person is told beside the card that was there before, and that nothing says "thinking…" any more."""
    messages = [one for one in (exchange.message, *exchange.extra) if one]
    assert not [one for one in messages if one["flags"] & LOADING]
    return [one["content"] for one in messages if one["content"].startswith(MARK)]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("steps", [(), ("DELETE",), ("PATCH",), ("POST",), ("DELETE", "PATCH"), ("DELETE", "POST")])
async def test_whatever_discord_refuses_one_sentence_is_left(
    clumsy: Discord, steps: tuple[str, ...], private: bool, fault: tuple[int, int] | Exception
) -> None:
    clumsy.refusals = dict.fromkeys(steps, fault)
    exchange = await clumsy.command("sentiment", text=TEXT, private=private)
    (sentence,) = sentences(exchange)
    assert "Something went wrong" in sentence
    if private:
        assert exchange.private and "DELETE" not in exchange.steps


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_thinking_that_cannot_be_taken_back_becomes_the_sentence(
    clumsy: Discord, fault: tuple[int, int] | Exception
) -> None:
    clumsy.outages["DELETE"] = fault
    exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps == ["callback 5", "DELETE", "PATCH"] and len(sentences(exchange)) == 1
    clumsy.outages["PATCH"] = fault
    exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps == ["callback 5", "DELETE", "PATCH", "POST"] and len(sentences(exchange)) == 1


async def test_a_thinking_that_somebody_deleted_is_followed_up(clumsy: Discord) -> None:
    clumsy.outages = {"DELETE": (404, 10008), "PATCH": (404, 10008)}
    exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps[-1] == "POST" and "Something went wrong" in exchange.text


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_refusal_at_once_is_told_in_spite_of_a_fault(
    discord: Discord, fault: tuple[int, int] | Exception
) -> None:
    discord.refusals["callback 4"] = fault
    exchange = await discord.command("tokens", text=" ")
    assert exchange.steps == ["callback 4", "callback 4"] and len(sentences(exchange)) == 1


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_deferral_or_an_answer_that_fails(discord: Discord, fault: tuple[int, int] | Exception) -> None:
    for step in ("callback 5", "PATCH"):
        for private in (False, True):
            discord.refusals[step] = fault
            exchange = await discord.command("sentiment", text=TEXT, private=private)
            (sentence,) = sentences(exchange)
            assert exchange.private and (UNHEARD in sentence) == (fault in DISCORDS)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_a_press_that_fails_leaves_the_card_and_one_sentence(
    discord: Discord, fault: tuple[int, int] | Exception
) -> None:
    card = await discord.command("attention", text=TEXT)
    for action, steps in {"layer": ("callback 6", "PATCH"), "numbers": ("callback 5", "PATCH")}.items():
        for step in steps:
            for also in ((), ("POST",)):
                discord.refusals = dict.fromkeys((step, *also), fault)
                pressed = await discord.press(card, card.control(action), *(["1"] if action == "layer" else []))
                discord.refusals.clear()
                assert len(sentences(pressed)) == 1, (action, step, also)
                if action == "layer":
                    assert pressed.message == card.message or step == "callback 6"


@pytest.mark.parametrize("code", [50027, 10015])
async def test_nothing_is_tried_once_the_time_for_answers_is_over(clumsy: Discord, code: int) -> None:
    clumsy.outages["DELETE"] = (404, code)
    exchange = await clumsy.command("sentiment", text=TEXT)
    assert exchange.steps == ["callback 5", "DELETE"]


@pytest.mark.parametrize("refusal", [(500, 0), RuntimeError("Session is closed"), ConnectionResetError()], ids=repr)
async def test_when_even_the_apology_fails(
    clumsy: Discord, refusal: tuple[int, int] | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    clumsy.outages = dict.fromkeys(("DELETE", "PATCH", "POST"), refusal)
    await clumsy.command("sentiment", text=TEXT)
    assert "could not be reported" in caplog.text and "diary" not in caplog.text


# Suggestions, to which a sentence is no answer


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(("command", "option"), [("tokens", "model"), ("tokens", "compare"), ("lab", "mask")])
@pytest.mark.parametrize("code", [10062, 40060])
async def test_a_late_suggestion_is_one_line_in_the_log(
    discord: Discord, command: str, option: str, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    discord.refusals["callback 8"] = (404, code)
    await discord.complete(command, option, "c")
    (record,) = warnings(caplog)
    assert record.levelname == "WARNING" and f"({code})" in record.message and not record.exc_info


async def test_a_suggestion_that_fails_is_logged_without_what_was_typed(
    discord: Discord, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    discord.refusals["callback 8"] = (500, 0)
    await discord.complete("tokens", "model", "diary")
    (record,) = warnings(caplog)
    assert record.levelname == "ERROR" and "(status 500, Discord's code 0)" in record.message
    caplog.clear()

    def broken(*_: object) -> None:
        raise ValueError(TEXT)

    monkeypatch.setattr(type(discord.bot.core.models), "for_command", broken)
    exchange = discord.start_completing("tokens", "model", "diary")
    await discord.settle()
    assert not exchange.sent
    (record,) = warnings(caplog)
    assert "ValueError at " in record.message and "in broken" in caplog.text and "diary" not in caplog.text


async def test_whoever_is_kept_out_is_offered_nothing(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    async with Discord(core, denied_users=frozenset({int(ALICE)})).logged_in() as discord:
        assert await discord.complete("tokens", "model", "") == []
        assert await discord.complete("lab", "mask", "") == []
        discord.refusals["callback 8"] = (404, 10062)
        await discord.complete("tokens", "model", "")
    (record,) = warnings(caplog)
    assert record.levelname == "WARNING" and "10062" in record.message


async def test_nothing_is_offered_for_what_this_version_does_not_have(
    discord: Discord, caplog: pytest.LogCaptureFixture
) -> None:
    assert await discord.complete("sing", "text", "a") == []
    assert not warnings(caplog)


@pytest.mark.parametrize("status", [400, 413, 500])
async def test_the_log_has_the_numbers_of_what_discord_refused(
    discord: Discord, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    discord.refusals["PATCH"] = (status, 50035)
    await discord.command("sentiment", text=TEXT)
    (record,) = warnings(caplog)
    assert record.levelname == ("WARNING" if status >= 500 else "ERROR")  # the latter is the bot's own fault
    assert f"(status {status}, Discord's code 50035)" in record.message


class Slow(Core):
    """A core that draws when it is told to."""

    drawing: asyncio.Event
    go: asyncio.Event

    async def draw(self, view: Any) -> Drawing:
        self.drawing.set()
        await self.go.wait()
        return await super().draw(view)


async def test_a_bot_that_drains_finishes_what_it_began(settings: CoreSettings) -> None:
    async with Slow.open(settings) as core, Discord(core).logged_in() as discord:
        core.drawing, core.go = asyncio.Event(), asyncio.Event()
        first = discord.start("sentiment", text=TEXT)
        await core.drawing.wait()
        draining = asyncio.create_task(discord.bot.drain(60))
        await asyncio.sleep(0)
        late = discord.start("sentiment", text=TEXT)
        await late.begun.wait()
        assert late.steps == ["callback 4"] and late.private and "restarting" in late.text
        assert not draining.done()
        core.go.set()
        await draining
        assert first.steps == ["callback 5", "PATCH"] and first.files
        pressed = await discord.press(first, first.control("numbers"))
        assert pressed.private and "restarting" in pressed.text
        assert (await discord.command("info")).steps == ["callback 4"]


async def test_a_drain_does_not_wait_for_ever(settings: CoreSettings) -> None:
    async with Slow.open(settings) as core, Discord(core).logged_in() as discord:
        core.drawing, core.go = asyncio.Event(), asyncio.Event()
        exchange = discord.start("sentiment", text=TEXT)
        await core.drawing.wait()
        await discord.bot.drain(0.01)
        core.go.set()
        await discord.settle()
        assert exchange.steps == REFUSED and exchange.private
        assert "restarting" in exchange.text and not exchange.files


async def test_the_end_waits_for_answers_and_closes_once(settings: CoreSettings) -> None:
    async with Slow.open(settings) as core:
        async with Discord(core, drain_seconds=60).logged_in() as discord:
            core.drawing, core.go = asyncio.Event(), asyncio.Event()
            exchange = discord.start("sentiment", text=TEXT)
            await core.drawing.wait()
            closing = asyncio.create_task(discord.bot.close())
            await asyncio.sleep(0)
            assert not discord.bot.is_closed()
            core.go.set()
            await closing
            assert discord.bot.is_closed()
        assert exchange.steps == ["callback 5", "PATCH"] and exchange.files


async def test_private_means_the_flag_of_the_message(discord: Discord) -> None:
    """What the other tests rely on."""
    exchange = await discord.command("info")
    assert exchange.message["flags"] == EPHEMERAL
