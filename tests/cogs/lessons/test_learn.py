"""/learn: every stop reaches a picture in every language, and what a press leads to."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from discord import AppCommandOptionType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.client.errors import MARK
from bot.playground.api import rules
from cogs.languages import TABLES, Languages
from cogs.lessons.asking import LONGEST
from cogs.lessons.place import Place
from cogs.lessons.unit import STOPS
from cogs.requests import progress
from core import Core, CoreSettings
from core.maps.word_links import find_word
from tests.cogs.inprocess import BOB, COMPONENT, MODAL_SUBMIT, Discord, Exchange
from tests.cogs.languages.test_languages import Strict

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOCALES = ["en-GB", "de", "es-ES", "fr", "ja"]
TYPED = {key: stop for key, stop in STOPS.items() if stop.examples}
SENTENCES = {key: stop for key, stop in TYPED.items() if stop.typed == "Your sentence"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bundled() -> AsyncGenerator[Core, None]:
    async with Core.open(CoreSettings.bundled()) as core:
        yield core


@pytest_asyncio.fixture(loop_scope="module")
async def learner(bundled: Core) -> AsyncGenerator[Discord, None]:
    async with Discord(bundled).logged_in() as discord:
        yield discord


def guesses(card: Exchange) -> list[str]:
    """The custom_ids of the answers, in their order; the theme is beside the headline."""
    return [id for id in card.controls if id.startswith("predict:")][1:]


def labels(card: Exchange) -> list[str]:
    return [card.controls[id]["label"] for id in guesses(card)]


def alt(card: Exchange) -> str:
    (gallery,) = [part for part in card.parts if part["type"] == 12]
    return gallery["items"][0]["description"]


def is_sound(card: Exchange) -> None:
    assert card.files and card.files[0][0] == "learn.png" and MARK not in card.text
    assert not list(rules.message_problems(card.message))


def outside_spans(card: Exchange) -> str:
    """What a card says, without what stands in code spans."""
    return re.sub(r"`[^`]*`", "", card.text)


async def go_on(learner: Discord, card: Exchange) -> Exchange:
    """Run the command that a card names to go on with."""
    (line,) = [line for line in card.text.splitlines() if line.startswith("-# Go on with ")]
    name, _, typed = line.partition("`/")[2].rstrip("`").partition(" ")
    options = {option.name: option.type for option in learner.bot.tree.get_command(name).parameters}  # type: ignore[union-attr]
    _, *parts = re.split(rf"(?:^| )({'|'.join(options)}):", typed)
    assert parts, line
    given: dict[str, Any] = dict(zip(parts[::2], parts[1::2], strict=True))
    given |= {key: int(value) for key, value in given.items() if options[key] is AppCommandOptionType.integer}
    return await learner.command(name, **given)


async def own(learner: Discord, card: Exchange, text: str) -> Exchange:
    form = await learner.press(card, card.control("own"))
    return await learner.submit(card, form.form, text)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", STOPS)
async def test_every_stop_reaches_a_picture_and_every_option_an_answer(learner: Discord, key: str, locale: str) -> None:
    learner.locale = locale
    if locale != "en-GB":
        language = Strict.load(TABLES / f"{locale[:2]}.toml")
        learner.bot.languages = Languages([language])
    card = await learner.command("learn", start=key)
    is_sound(card)
    assert 3 <= len(guesses(card)) <= 5 and not {"✓", "✗"} & set(str(card.controls)) and "**" in card.text
    right = []
    chosen = list(enumerate(guesses(card)))
    for number, custom_id in chosen if locale == "en-GB" else chosen[-1:]:
        pressed = await learner.press(card, custom_id)
        is_sound(pressed)
        assert pressed.steps == ["callback 6", "PATCH"] and pressed.message["id"] == card.message["id"]
        signs = [label[0] for label in labels(pressed)]
        right.append(signs.index("✓"))
        assert (
            signs.count("✓") == 1
            and signs.count("✗") == (number != right[0])
            and ("✓ **" in pressed.text) == (number == right[0])
        )
    assert len(set(right)) == 1  # whatever is pressed, the right answer is the same


async def test_forward_from_first_to_last_and_back(learner: Discord) -> None:
    card = await learner.command("learn")
    seen = [card.text.splitlines()[0]]
    assert "◀ Back" not in str(card.controls)
    while any(part.get("label") == "Next ▶" for part in card.parts):
        there = next(id for id, part in card.controls.items() if part["label"] == "Next ▶")
        card = await learner.press(card, there)
        is_sound(card)
        seen.append(card.text.splitlines()[0])
    assert [line.partition(" · ")[0] for line in seen] == [f"### {n} of {len(STOPS)}" for n in range(1, len(STOPS) + 1)]
    assert [line.partition(" · ")[2] for line in seen] == [stop.title for stop in STOPS.values()]
    while any(part.get("label") == "◀ Back" for part in card.parts):
        there = next(id for id, part in card.controls.items() if part["label"] == "◀ Back")
        card = await learner.press(card, there)
        assert card.text.splitlines()[0] == seen[Place.parse(there.split(":")[2]).number - 1]
    assert card.text.splitlines()[0] == seen[0]


@pytest.mark.parametrize("key", STOPS)
async def test_a_restart_in_the_middle_changes_nothing(learner: Discord, key: str) -> None:
    card = await learner.command("learn", start=key, theme="light")
    before = {id: await learner.press(card, id) for id in guesses(card)}
    learner.bot.core._results._kept.clear()
    for id, pressed in before.items():
        after = await learner.press(card, id)
        assert (after.text, after.files, after.controls.keys()) == (
            pressed.text,
            pressed.files,
            pressed.controls.keys(),
        )
        learner.bot.core._results._kept.clear()


@pytest.mark.parametrize("key", SENTENCES)
async def test_own_sentence(learner: Discord, key: str) -> None:
    text = "My dog ___ to {bark|sleep} when it is hungry" if key in ("gap", "self", "positive") else "My dog is hungry"
    card = await learner.command("learn", start=key)
    before = card.files
    changed = await own(learner, card, text)
    is_sound(changed)
    assert changed.message["id"] == card.message["id"] and f"`{text}`" in changed.text and changed.files != before
    learner.bot.core._results._kept.clear()
    for custom_id in guesses(changed):
        pressed = await learner.press(changed, custom_id)
        is_sound(pressed)
        assert f"`{text}`" in pressed.text


async def test_the_right_word_is_the_one_with_most_attention(learner: Discord) -> None:
    card = await learner.command("learn", start="self")
    pressed = await learner.press(card, guesses(card)[0])
    right = next(label for label in labels(pressed) if label.startswith("✓ "))[2:]
    shows = "In layer 4, head 2, `it` gives `animal` "
    result = await learner.bot.core.attention("The animal didn't cross the street because it was too wide.")
    row = result.to_numpy()[3, 1, find_word(result.source, "it")]
    words = [result.source.tokens[n] for n in np.argsort(-row)]
    best = next(word for word in words if not word.special)
    assert right == result.source.text[best.start : best.end] == "animal"
    assert f"{shows}{row.max():.1%}" in pressed.text


async def test_the_notebooks_numbers_are_exact(learner: Discord) -> None:
    card = await learner.command("learn", start="qkv")
    assert "Weights: q₁ 0.302 0.310 0.388" in alt(card)
    pressed = await learner.press(card, guesses(card)[1])
    assert "✓ **Right.** The largest weight of q₁ goes from 0.388 to 0.446." in pressed.text
    alike = await own(learner, card, "1 1; 1 1")
    assert "✓ They stay as they are" in labels(await learner.press(alike, guesses(alike)[0]))


@pytest.mark.parametrize("typed", ["Query:1 0; 0 1", "1 0; 0 1", "names:I see you", "shape:3 4 scale:800"])
async def test_numbers_are_read_as_they_are_typed(learner: Discord, typed: str) -> None:
    card = await own(learner, await learner.command("learn", start="qkv"), typed)
    is_sound(card)
    doubled = await learner.press(card, guesses(card)[0])
    is_sound(doubled)
    assert ("scale:800" in typed) == ("softmax(QKᵀ · 1.6e+03)" in alt(doubled))


@pytest.mark.parametrize("key", STOPS)
async def test_the_command_to_go_on_with_works(learner: Discord, key: str) -> None:
    card = await learner.command("learn", start=key)
    typed = {"qkv": "1 0; 0 1", "scaling": "7", "gap": "My dog ___ now {versions}"}.get(key, "My dog {other} sleeps")
    for shown in [card, await own(learner, card, typed)] if key in TYPED else [card]:
        gone_on = await go_on(learner, shown)
        assert gone_on.files and not gone_on.text.startswith(MARK)


@pytest.mark.parametrize("model", ["bundled/gpt-mini", "bundled/minilm", "bundled/reverser"])
async def test_pieces_are_compared_whatever_model_a_server_chose(learner: Discord, model: str) -> None:
    await learner.command("settings", model=model)
    card = await learner.command("learn", start="pieces")
    is_sound(card)
    answered = await learner.press(card, guesses(card)[0])
    is_sound(answered)
    assert f"-# {model} · " in answered.text
    gone_on = await go_on(learner, answered)
    assert gone_on.files and not gone_on.text.startswith(MARK)


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("qkv", "1 0; 0", "rows of the query have different lengths"),
        ("qkv", "show:block", "leave out `show:` and `against:`"),
        ("qkv", "shape:3 4 seed:x", "What follows `seed:` is no whole number"),
        ("qkv", "1 0; 0 1 mask:causal", "Begin with an option"),
        ("qkv", "q: 1 0; 0 1", "`key:`, `value:`"),
        ("scaling", "many", "A seed goes from 0"),
        ("self", "the cat [SEP] the dog", "leave out `[SEP]` and `[VS]`"),
        ("self", "a {b|c} {d|e}", "one slot"),
        ("gap", "___ and ___", "one gap"),
        ("bottleneck", "word", "One word has no order to keep"),
        ("causal", "\u200b", "That text is empty"),
    ],
)
async def test_what_cannot_be_shown_is_refused_and_edited(learner: Discord, key: str, typed: str, said: str) -> None:
    card = await learner.command("learn", start=key)
    refused = await own(learner, card, typed)
    if refused.extra:  # where a device refuses, the card stays, and its reason follows
        refused = Exchange(message=refused.extra[0], user=refused.user)
    assert refused.text.startswith(MARK) and said in refused.text
    form = (await learner.press(refused, refused.control("edit"))).form
    again = {"gap": "a ___", "qkv": "1 0; 0 1", "scaling": "7"}.get(key, "The dog saw the cat when it slept.")
    answered = await learner.submit(refused, form, again)
    is_sound(answered)
    assert answered.private and f"`{again}`" in answered.text


@pytest.mark.parametrize("text", ["it", "🤗", "….", "中文"])
@pytest.mark.parametrize("key", [key for key in SENTENCES if key not in ("gap", "bottleneck")])
async def test_where_there_is_nothing_to_guess_the_card_says_so_kindly(learner: Discord, key: str, text: str) -> None:
    changed = await own(learner, await learner.command("learn", start=key), text)
    is_sound(changed)
    assert guesses(changed) or "so here is the picture" in changed.text


HOSTILE = [
    "@everyone <@1> **bold** [x](http://x) `code` \u202eevil\u202c \u200b zero\u200bwidth",
    "é" * LONGEST,
    "Ωمرحبا שלום नमस्ते 안녕 🏳️‍🌈",
    "<script>alert(1)</script> ||spoiler||\nbreak\tand\ttab",
    "[Free](https://evil.example) <@123456789012345678> **bold**",
]
MARKED = ("@everyone", "<@", "](", "http", "evil", "bold", "Free", "alert", "spoiler", "||")
"""What hostile texts hold and no card says itself."""


def hostile(key: str, text: str) -> str:
    """A hostile text as a stop takes it: before a gap, or as names of rows."""
    if key == "gap":
        return f"{text[: LONGEST - 4]} ___"
    words = text.split()[:8]
    named = f"shape:{len(words)} 4 seed:1 names:{' '.join(words)}"
    return named[:LONGEST] if key == "qkv" else text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("key", TYPED)
async def test_hostile_text(learner: Discord, caplog: pytest.LogCaptureFixture, key: str, text: str) -> None:
    card = await own(learner, await learner.command("learn", start=key), hostile(key, text))
    said = card.extra[0]["content"] if card.extra else card.text  # where a device refuses, the card stays
    assert card.sent and "inside the bot" not in said
    if not said.startswith(MARK):
        is_sound(card)
        assert not any(sign in card.text for sign in "\u202e\u202c\u200b") and not card.message["mentions"]
        for shown in [card, *[await learner.press(card, custom_id) for custom_id in guesses(card)]]:
            is_sound(shown)
            assert not [sign for sign in MARKED if sign in outside_spans(shown)], shown.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_too_long_a_text_is_refused(learner: Discord) -> None:
    card = await learner.command("learn", start="self")
    form = {"custom_id": f"said:0000000000:{Place('self')}"}
    field = {"type": 4, "id": 2, "custom_id": "x", "value": "x" * 6000}
    sent = learner.forge(MODAL_SUBMIT, {**form, "components": [{"type": 18, "id": 1, "component": field}]}, card)
    await learner.settle()
    assert "at most 200 are read" in sent.text


async def test_somebody_else_gets_a_copy_with_their_own_answer(learner: Discord) -> None:
    card = await learner.command("learn", start="causal")
    learner.person, learner.locale = BOB, "de"
    for custom_id in [*guesses(card), card.control("stop"), card.control("predict"), card.control("stoptext")]:
        pressed = await learner.press(card, custom_id)
        assert pressed.private and "callback 6" not in pressed.steps, custom_id
    assert "Deine Aufmerksamkeit" not in pressed.text
    mine = await learner.press(card, guesses(card)[2])
    assert "✓ **Richtig.**" in mine.text and "show" in str(mine.controls)
    shown = await learner.press(mine, mine.control("showstop"))
    assert not shown.private and f"<@{BOB}>" in shown.text and "✓ **" in shown.text


async def test_everybody_goes_on_with_a_card_that_its_owner_opened(learner: Discord) -> None:
    card = await learner.command("learn", start="causal")
    learner.person = BOB
    refused = await learner.press(card, card.control("openstop"))
    assert refused.text.startswith(MARK)
    learner.person = "4"
    opened = await learner.press(card, card.control("openstop"))
    learner.person, learner.locale = BOB, "ja"
    there = next(id for id, part in opened.controls.items() if part["label"] == "Next ▶")
    driven = await learner.press(opened, there)
    assert driven.message["id"] == card.message["id"] and f"of {len(STOPS)}" in driven.text


async def test_private_and_in_a_conversation(learner: Discord) -> None:
    private = await learner.command("learn", private=True)
    assert private.private and "showstop" in str(private.controls)
    alone = await learner.command("learn", dm=True)
    assert not {"showstop", "openstop"} & {id.partition(":")[0] for id in alone.controls}


async def test_a_stop_is_shown_to_everybody_while_its_model_is_loaded(
    learner: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await learner.command("learn", start="cross", private=True)
    async with Core.open(CoreSettings.bundled()) as anew:
        await anew.warm_up()
        async with Discord(anew).logged_in() as later:
            monkeypatch.setattr(progress, "PAUSES", (0,))
            shown = await later.press(card, card.control("showstop"))
    assert shown.sent[1].body["content"].startswith("⏳") and "⏳" not in shown.text and not shown.private
    is_sound(shown)


@pytest.mark.parametrize("key", STOPS)
async def test_numbers_as_text(learner: Discord, key: str) -> None:
    card = await learner.command("learn", start=key)
    table = await learner.press(card, card.control("stoptext"))
    assert table.private and table.text.startswith("```")


async def test_an_unknown_stop(learner: Discord) -> None:
    refused = await learner.command("learn", start="nowhere")
    assert refused.text == f"{MARK}That result is no longer kept: run /learn again."


PLACES = st.one_of(
    st.builds("{}.{}.{}".format, st.sampled_from([*STOPS, "x"]), st.integers(-3, 9), st.sampled_from(["dark", "x"])),
    st.text("abz019_.-", max_size=20),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(["stop", "predict", "own", "said", "stoptext", "showstop", "openstop", "closestop"]),
    place=PLACES,
    end=st.sampled_from(["", ".en", ".xx"]),
    lesson=st.booleans(),
    person=st.sampled_from(["4", BOB]),
)
async def test_whatever_is_made_up_is_answered_and_quietly(
    learner: Discord, caplog: pytest.LogCaptureFixture, action: str, place: str, end: str, lesson: bool, person: str
) -> None:
    caplog.clear()
    learner.person = "4"
    command: dict[str, Any] = {"start": "self"} if lesson else {"text": "the cat"}
    card = await learner.command("learn" if lesson else "tokens", **command)
    learner.person = person
    custom_id = f"{action}:{'f' * 10}:{place}{end}"[:100]
    shape = {"component_type": 2, "id": 99, "custom_id": custom_id}
    row = {"type": 1, "id": 98, "components": [{"type": 2, "style": 2, "label": "x", "id": 99, "custom_id": custom_id}]}
    pressed = learner.forge(COMPONENT, shape, card, row)
    await learner.settle()
    assert pressed.sent and "inside the bot" not in pressed.text
    assert person == "4" or "callback 6" not in pressed.steps
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
