"""The command /quiz in one process: what a card says, and what presses on it do."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from bot.client.errors import MARK
from cogs.cards.markdown import strip_invisible
from cogs.cards.quiz.sentences import ANSWERS, LESSONS
from cogs.cards.quiz.state import LISTED, POINTS, QuizState
from cogs.requests.quiz.rounds import FORGOTTEN
from cogs.rounds.rounds import MOST_OF_ONE, Rounds
from core import Core, CoreSettings
from core.errors import OutOfMemory
from core.quiz import KINDS, Kind, judge
from core.results import Drawing
from tests.clock import StoppedClock
from tests.cogs.inprocess import ALICE, BOB, COMPONENT, Discord, Exchange

pytestmark = pytest.mark.asyncio(loop_scope="module")

OVER = "This round is over: the bot was started anew meanwhile"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def hosted() -> AsyncGenerator[Discord]:
    async with Core.open(CoreSettings.bundled()) as core, Discord(core).logged_in() as discord:
        yield discord


@pytest.fixture
def discord(hosted: Discord) -> Iterator[Discord]:
    hosted.clock = StoppedClock()  # type: ignore[attr-defined]
    hosted.person, hosted.locale = ALICE, "en-GB"
    restart(hosted)
    yield hosted
    hosted.bot.rounds.close()


def restart(discord: Discord) -> None:
    """Let the bot know nothing of what was."""
    discord.bot.rounds = Rounds(discord.clock)  # type: ignore[attr-defined]
    discord.bot.core._results._kept.clear()


async def later(discord: Discord, seconds: float = 0.0) -> None:
    discord.clock.advance(seconds)  # type: ignore[attr-defined]
    await discord.settle()


def guesses(card: Exchange) -> list[str]:
    return [id for id in card.controls if id.startswith("guess:")]


def right(discord: Discord, card: Exchange) -> int:
    """The place of the right option."""
    _, key, detail = guesses(card)[0].split(":")
    state = QuizState.parse(detail.partition(".")[2])
    return judge(state.question, discord.bot.core.recall(key)).right


async def guess(discord: Discord, card: Exchange, option: int, person: str = BOB) -> Exchange:
    discord.person = person
    pressed = await discord.press(card, guesses(card)[option])
    discord.person = ALICE
    return pressed


async def reveal(discord: Discord, card: Exchange, person: str = ALICE) -> Exchange:
    discord.person = person
    pressed = await discord.press(card, card.control("reveal"))
    discord.person = ALICE
    return pressed


def counts(card: Exchange) -> list[int]:
    """How often each option was guessed, from the text of the answer; the right one as a negative number less one."""
    lines = [line for line in card.text.splitlines() if line.startswith(("✅", "▫️"))]
    found = [int(line.rstrip("▰ ").rpartition(" ")[2]) for line in lines]
    return [-1 - n if line.startswith("✅") else n for n, line in zip(found, lines, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_round_from_its_question_to_its_answer(discord: Discord, kind: Kind) -> None:
    card = await discord.command("quiz", kind=kind)
    assert card.steps == ["callback 5", "PATCH"] and not card.private and "Nobody has guessed yet" in card.text
    answer, options = right(discord, card), len(guesses(card))
    assert len({card.controls[id]["style"] for id in guesses(card)}) == 1
    assert len({card.controls[id]["label"] for id in guesses(card)}) == options in (2, 4)
    for person in range(100, 107):
        assert (await guess(discord, card, person % 2, str(person))).steps == ["callback 6"]
    pressed = await guess(discord, card, answer)
    await later(discord)
    assert "**8 guesses**" in pressed.text and counts(pressed) == []
    over = await reveal(discord, card)
    assert over.steps == ["callback 6", "PATCH"] and len(over.files) == 1
    assert ANSWERS[kind].partition(":")[0] in over.text
    assert LESSONS[kind].partition("{")[0] in over.text and LESSONS[kind].partition("{")[0] not in card.text
    votes = [4, 3, 0, 0][:options]
    votes[answer] = -2 - votes[answer]
    assert counts(over) == votes
    table = await discord.press(over, over.control("numbers"))
    assert table.private and "```" in table.text
    deeper = await discord.press(over, over.control("lens"))
    assert deeper.private and deeper.files[0][0] == f"{KINDS[kind].command}.png"  # type: ignore[index]


async def test_left_to_chance_it_is_one_of_the_kinds(discord: Discord) -> None:
    kinds = set[str]()
    for _ in range(12):
        card = await discord.command("quiz")
        kinds.add(QuizState.parse(guesses(card)[0].split(":")[2].partition(".")[2]).question.kind)
        await reveal(discord, card)
    assert len(kinds) > 1 and kinds <= KINDS.keys()


async def test_before_the_answer_a_card_tells_nothing_of_it(discord: Discord) -> None:
    card = await discord.command("quiz", kind="head")
    (picture,) = card.message["attachments"]
    assert "Picture 4" in picture["description"] and "ayer" not in picture["description"]
    assert "does" not in card.text and "%" not in str(card.parts)
    over = await reveal(discord, card)
    shown = over.message["attachments"][0]["description"]
    assert shown.startswith(f"Picture {right(discord, card) + 1}: Layer")
    word = await discord.command("quiz", kind="word")
    assert not word.message["attachments"] and "___" in word.text and "written with" not in word.text
    assert "The sentence was written with" in (await reveal(discord, word)).text


async def test_a_guess_may_be_changed_and_counts_once(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens")
    for option in (0, 1, 2, 3, 2):
        await guess(discord, card, option)
    await later(discord, 5)
    assert [edit.text.count("**1 guess**") for edit in discord.edits[-1:]] == [1]
    over = await reveal(discord, card)
    answer = right(discord, card)
    assert counts(over) == [(-2 if n == 2 else -1) if n == answer else int(n == 2) for n in range(4)]


async def test_somebody_else_is_kindly_refused_the_answer(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens")
    refused = await reveal(discord, card, BOB)
    assert refused.private and "Only whoever started this round reveals" in refused.text
    assert refused.steps == ["callback 4"] and not counts(card)
    over = await reveal(discord, card)
    discord.person = BOB
    again = await discord.press(over, over.control("again"))
    assert again.private and "Only whoever started this round goes on" in again.text


async def test_after_its_seconds_the_answer_comes_by_itself(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens", seconds=30)
    assert "The answer comes <t:" in card.text
    pressed = await guess(discord, card, 1)
    await later(discord, 29)
    assert not counts(pressed)
    await later(discord, 1)
    assert sum(map(abs, counts(pressed))) == 2 and pressed.controls.keys() & {pressed.control("again")}
    late = await guess(discord, card, 2)
    assert late.steps == ["callback 6"]


async def test_a_round_that_is_forgotten_ends_by_itself(discord: Discord) -> None:
    card = await discord.command("quiz", kind="label")
    assert FORGOTTEN < 15 * 60
    await later(discord, FORGOTTEN)
    assert card.steps == ["callback 5", "PATCH", "PATCH"] and len(counts(card)) == 2
    assert not discord.clock.waiting  # type: ignore[attr-defined]


async def test_an_end_that_cannot_be_shown_is_noted_without_a_word_of_anybody(
    discord: Discord, caplog: pytest.LogCaptureFixture
) -> None:
    card = await discord.command("quiz", kind="label", text="I loved this secret film.")
    discord.refusals["PATCH"] = (404, 10008)
    await later(discord, FORGOTTEN)
    assert "ended by itself could not be shown" in caplog.text and "secret" not in caplog.text
    assert discord.bot.rounds.get(card.control("guess").split(":")[1]) is None


@pytest.mark.parametrize("control", ["guess", "reveal"])
@pytest.mark.parametrize("kind", KINDS)
async def test_after_a_restart_the_answer_is_shown_to_whoever_presses(
    discord: Discord, kind: Kind, control: str
) -> None:
    card = await discord.command("quiz", kind=kind)
    answer = card.controls[guesses(card)[right(discord, card)]]["label"]
    restart(discord)
    discord.person = BOB
    over = await discord.press(card, card.control(control))
    assert over.steps == ["callback 6", "PATCH"] and OVER in over.text and not counts(over)
    assert ANSWERS[kind].format(answer=f"`{answer}`") in over.text and len(over.files) == 1
    late = await discord.press(card, card.control("reveal"))
    assert late.steps == ["callback 6"]


async def test_an_answer_that_cannot_be_shown_can_be_asked_for_again(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens")
    await guess(discord, card, 0)
    discord.refusals["PATCH"] = OSError("no network")
    failed = await reveal(discord, card)
    assert failed.extra and failed.extra[0]["content"].startswith(MARK)
    await guess(discord, card, 0, "100")
    over = await reveal(discord, card)
    assert abs(counts(over)[0]) in (2, 3)


async def test_an_answer_that_fails_as_its_time_runs_out_comes_by_itself(
    discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def draw(view: object) -> Drawing:
        discord.clock.advance(5)  # type: ignore[attr-defined]
        discord.person = BOB
        guessed = discord.start_press(card, guesses(card)[0])
        await guessed.begun.wait()
        discord.person = ALICE
        raise OutOfMemory

    card = await discord.command("quiz", kind="tokens", seconds=60)
    await later(discord, 58)
    with monkeypatch.context() as patch:
        patch.setattr(discord.bot.core, "draw", draw)
        failed = await reveal(discord, card)
    assert failed.extra and failed.extra[0]["content"].startswith(MARK)
    await later(discord)
    over = discord.edits[-1]
    assert sum(map(abs, counts(over))) == 2 and over.controls.keys() & {over.control("again")}
    assert not discord.clock.waiting  # type: ignore[attr-defined]


async def test_points_go_from_round_to_round_in_the_card(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens", score=True)
    assert "listed here by name" in card.text
    for number, expected in ((1, {BOB: 1}), (2, {BOB: 2}), (3, {BOB: 3, "100": 1})):
        await guess(discord, card, right(discord, card))
        if number == 3:
            await guess(discord, card, right(discord, card), "100")
        await guess(discord, card, (right(discord, card) + 1) % 4, "101")
        over = await reveal(discord, card)
        (points,) = [part["content"] for part in over.parts if part.get("id") == POINTS]
        assert points.splitlines()[1:] == [f"<@{who}> · {count}" for who, count in expected.items()]
        restart(discord)
        card = await discord.press(over, over.control("again"))
        assert card.steps == ["callback 5", "PATCH"] and not card.private and guesses(card)
    assert points in card.text
    lost = await discord.press(card, card.control("reveal"))
    restart(discord)
    assert f"<@{BOB}> · 3" in lost.text


async def test_of_many_who_guess_right_the_first_are_kept_and_that_is_said(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens", score=True)
    for person in range(100, 101 + LISTED):
        await guess(discord, card, right(discord, card), str(person))
    over = await reveal(discord, card)
    assert over.text.count("<@") == LISTED and "Only the best 50 are kept" in over.text
    assert (await discord.press(over, over.control("again"))).text.count("<@") == LISTED


async def test_nobody_has_too_many_rounds_under_way(discord: Discord) -> None:
    cards = [await discord.command("quiz", kind="tokens") for _ in range(MOST_OF_ONE)]
    refused = await discord.command("quiz", kind="tokens")
    assert refused.private and "You have 10 rounds under way already" in refused.text
    await reveal(discord, cards[0])
    assert guesses(await discord.command("quiz", kind="tokens"))


async def test_without_points_nobody_is_named(discord: Discord) -> None:
    card = await discord.command("quiz", kind="tokens")
    await guess(discord, card, right(discord, card))
    over = await reveal(discord, card)
    assert "<@" not in card.text + over.text and "Points" not in over.text
    assert "<@" not in (await discord.press(over, over.control("again"))).text


@pytest.mark.parametrize("alone", [{"private": True}, {"dm": True}])
async def test_alone_a_guess_is_answered_at_once(discord: Discord, alone: dict[str, Any]) -> None:
    card = await discord.command("quiz", kind="tokens", **alone)
    assert "Press your guess" in card.text and "Nobody has" not in card.text
    if "private" in alone:
        assert card.private
        over = await guess(discord, card, 1, ALICE)
        assert sum(map(abs, counts(over))) == 2
        again = await discord.press(over, over.control("again"))
        assert again.private and "Press your guess" in again.text


HOSTILE = [
    "@everyone <@1> [a](http://x.y) **bold** ||no|| the cat sat here on it",
    "`` ``` ` the cat sat on a mat and ate the fish",
    "the \u202ecat\u202c sat \u200bon\u200b a \u2066mat\u2069, the \ufeffdog not",
    "<img src=x onerror=alert(1)> the cat sat on the mat",
    "🤗👨‍👩‍👧‍👦🇩🇪 the cat sat on the mat and was happy",
    "猫は机の上で寝ている。 the cat sat",
    "قطة على الطاولة the cat sat on a mat",
    "{cat|dog} {0} %s {word} the cat sat on a mat",
    "a\n\n# b\n> c\n-# d the cat sat on a mat",
    "word " * 60,
    "x" * 300,
    "\u200b\u200b",
    "\ud800",
    "**Points**\n<@7> · 99",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_typed_is_refused_in_a_sentence_or_shown_as_it_is(
    discord: Discord, caplog: pytest.LogCaptureFixture, kind: str, text: str
) -> None:
    text = f"___ {text}"[:300] if kind == "word" else text
    card = await discord.command("quiz", kind=kind, text=text, score=True)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    if not card.message or not guesses(card):
        said = card.extra[0]["content"] if card.extra else card.text
        assert said.startswith(MARK) and "inside the bot" not in said
        return
    shown = strip_invisible(text).replace("`", "ˋ")
    assert f"`{shown}`" in card.text
    answer = card.controls[guesses(card)[right(discord, card)]]["label"]
    restart(discord)
    over = await discord.press(card, card.control("reveal"))
    assert OVER in over.text and f"`{answer}`" in over.text and "· 99\n-# bundled" not in over.text


FORGED = ["", "0", "0.", "x.tokens-1-2-3-4..en.dark.0", "9.tokens-1-2-3-4..en.dark.0", "0.tokens-1-2-3-4..en.dark.x"]
STATES = [
    "tokens-1-2-3-4..en.dark.0",
    "word-1-2-3-4.en9999.xx.light.5",
    "head-99-0-0-0-0-0-0-0-0..en.dark.0",
    "head-0-99-0-0-1-0-2-0-3..en.dark.0",
    "look-0-0-99-1-2-3-4..en.dark.0",
    "look-999999999-0-1-1-2-3-4..en.dark.0",
    "label-9-8..en.dark.0",
    "label-0..en.dark.0",
]


@pytest.mark.parametrize("action", ["guess", "reveal", "again"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("detail", [*FORGED, *STATES])
async def test_what_is_made_up_is_refused_in_a_sentence_and_quietly(
    discord: Discord, caplog: pytest.LogCaptureFixture, action: str, known: bool, detail: str
) -> None:
    card = await discord.command("quiz", kind="look")
    detail = f"0.{detail}" if action == "guess" and detail in STATES else detail
    key = guesses(card)[0].split(":")[1] if known else "f" * 10
    button = {"type": 2, "id": 99, "custom_id": f"{action}:{key}:{detail}", "label": "x", "style": 1}
    shape = {"component_type": 2, "id": 99, "custom_id": button["custom_id"]}
    pressed = discord.forge(COMPONENT, shape, card, {"type": 1, "id": 98, "components": [button]})
    await discord.settle()
    assert pressed.sent and "inside the bot" not in pressed.text + str(pressed.extra)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_the_models_of_a_kind_are_offered(discord: Discord) -> None:
    assert "bundled/gpt-mini" in await discord.complete("quiz", "model", "", kind="word")
    assert await discord.complete("quiz", "model", "", kind="label") == ["bundled/minilm"]
    assert "bundled/gpt2" in await discord.complete("quiz", "model", "")
    card = await discord.command("quiz", model="bundled/gpt-mini")
    assert "-# bundled/gpt-mini" in card.text
    refused = await discord.command("quiz", kind="label", model="bundled/gpt-mini")
    assert refused.private and "does not fit /sentiment" in refused.text
