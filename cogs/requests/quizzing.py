"""A round of the quiz from its question to its answer. What a press is worth is in `cogs.actions.quiz`."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

import aiohttp
import discord

from cogs.cards.layouts import source_of
from cogs.cards.markdown import strip_invisible
from cogs.cards.quiz_card import answer_card, answer_view, count_guesses, question_card, question_view
from cogs.cards.quiz_state import Asked, QuizState
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.progress import progress_notice
from core.errors import BadInput, Expired, describe, is_failure
from core.language import Language
from core.quiz import KINDS, LONGEST, Kind, NoQuestion, Posed, ask_again, judge, pose
from core.reading.masks import ANY_MASK
from core.render.kit.palette import Theme
from core.results import Result

logger = logging.getLogger(__name__)

FORGOTTEN = 14 * 60
"""Seconds after which a round ends by itself: a card can be edited for a minute more."""

MOST_SECONDS = 10 * 60
"""After which somebody may let a round end by itself."""


LOST = (discord.HTTPException, aiohttp.ClientError, OSError)
"""How an edit fails."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A round that somebody wants; what is empty is left to chance, or as it is here.

    Attributes:
        kind: Of which kind.
        text: What to ask about.
        model: The name of the model to ask.
        theme: Of its pictures.
        seconds: After which it ends by itself.
        points: Of the rounds before, by person, if they are counted.
        private: Whether only that person sees it; as the server has it if nothing is said.
    """

    kind: Kind | None = None
    text: str = ""
    model: str = ""
    theme: str = ""
    seconds: int = 0
    points: Mapping[int, int] | None = None
    private: bool | None = None


async def start_round(interaction: Interaction, wanted: Wanted) -> None:
    """Answer a command or a press with the card of a new round. Whatever it raises is reported by the caller."""
    client = interaction.client
    client.track(interaction)
    client.rounds.check()
    text, random = _plain(wanted.text), Random(secrets.randbits(64))
    kinds = _fitting(interaction, wanted.kind, text, wanted.model)
    random.shuffle(kinds)
    if text:
        crowded, command = client.acknowledgements.crowded, KINDS[kinds[0]].command
        client.core.check(command, text, client.models(interaction).get(command, wanted.model).name, read=not crowded)
    private = client.private(interaction, wanted.private)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    audience = audience_of(interaction, private=private)
    say = client.language(interaction, public=audience == "owned")
    posed = await _pose(interaction, kinds, random, text, say, wanted.model)
    theme: Theme = "light" if (wanted.theme or client.theme(interaction)) == "light" else "dark"
    state = QuizState(posed.question, posed.sentence.number, say.code, theme, wanted.seconds)
    source = source_of(posed.result)
    assert source
    asked = Asked(client.core.keep(posed.result), state, posed.text, source.model, wanted.points)
    await _begin(interaction, asked, posed, say, alone=audience != "owned")


async def reveal(interaction: Interaction, asked: Asked) -> None:
    """Show the answer of a round in the place of its question; nothing is done where that is done already.

    Raises:
        CoreError: The model cannot be asked; the round goes on.
    """
    client, state = interaction.client, asked.state
    if client.rounds.is_over(asked.key):
        return
    with client.rounds.ending(asked.key) as ended:
        result = await _result(interaction, asked)
        options, say = judge(state.question, result), client.languages.of(state.language)
        drawing = await client.core.draw(answer_view(say, state, result, options))
        if ended and asked.points is not None:
            right = [person for person, option in ended.guesses.items() if option == options.right]
            asked = asked.with_points(right)
        tally = ended.tally(state.question.count) if ended else None
        card = answer_card(say, asked, result, options, drawing, tally)
        with client.turns.take(asked.card or interaction.id) as turn:
            await turn()
            await interaction.edit_original_response(view=card, attachments=card.files())


async def _pose(
    interaction: Interaction, kinds: Sequence[Kind], random: Random, text: str, say: Language, model: str
) -> Posed:
    """A question of the first kind of which one can be made.

    Raises:
        NoQuestion: There is none.
    """
    client = interaction.client

    async def of(kind: Kind) -> Posed:
        command = KINDS[kind].command
        name, by = client.models(interaction).get(command, model).name, tenant(interaction)
        async with progress_notice(interaction, say, command, name):
            return await pose(client.core, kind, random, text=text, language=say.code, model=name, tenant=by)

    *others, last = kinds
    for kind in others:
        with suppress(NoQuestion):
            return await of(kind)
    return await of(last)


async def _begin(interaction: Interaction, asked: Asked, posed: Posed, say: Language, *, alone: bool) -> None:
    """Show the question, and let people guess."""
    client, state, result = interaction.client, asked.state, posed.result
    view = question_view(say, state, result)
    drawing = await client.core.draw(view) if view else None
    ends = int(time.time()) + state.seconds if state.seconds else 0
    card = question_card(say, asked, result, posed.options, drawing, ends, alone=alone)
    files: list[discord.Attachment] = []

    async def show() -> None:
        with client.turns.take(asked.card) as turn:
            await turn()
            if card.counted and (current := client.rounds.get(asked.key)):
                card.counted.content = count_guesses(say, len(current.guesses))
                with suppress(*LOST):  # the next one shows it
                    await current.newest.edit_original_response(view=card, attachments=files)

    async def end() -> None:
        current = client.rounds.get(asked.key)
        try:
            if current:
                await reveal(current.newest, asked)
        except BaseException as error:
            if not is_failure(error):
                raise
            logger.warning("A round that ended by itself could not be shown: %s", describe(error))
            client.rounds.forget(asked.key)

    client.rounds.begin(asked.key, state.seconds or FORGOTTEN, interaction, show, end)
    try:
        message = await interaction.edit_original_response(content=None, view=card, attachments=card.files())
    except BaseException:
        client.rounds.forget(asked.key)
        raise
    asked, files = replace(asked, card=message.id), message.attachments


async def _result(interaction: Interaction, asked: Asked) -> Result:
    """What the answer is worked out from: the kept result, or the model's once more."""
    client = interaction.client
    try:
        return client.core.recall(asked.key)
    except Expired:
        kind, model = asked.state.question.kind, asked.model.name
    result = await ask_again(client.core, kind, asked.text, model=model, tenant=tenant(interaction))
    client.core.keep(result, asked.key)
    return result


def _fitting(interaction: Interaction, kind: Kind | None, text: str, model: str) -> list[Kind]:
    """The kinds to choose from: that which is wanted, or all that go with a text and a model."""
    if kind:
        return [kind]
    gap = bool(ANY_MASK.search(text))
    kinds: list[Kind] = [one for one in KINDS if not text or (one == "word") == gap]
    models = interaction.client.models(interaction)
    fitting: list[Kind] = [
        one for one in kinds if any(model in ("", known.name) for known in models.for_command(KINDS[one].command))
    ]
    return fitting or kinds


def _plain(text: str) -> str:
    """A typed text as a card can show all of it, and as it can be read back from there.

    Raises:
        BadInput: It is too long, or there is nothing in it.
    """
    shown = strip_invisible(text).replace("`", "ˋ")
    if len(shown) > LONGEST:
        raise BadInput("A round is about at most {most} characters: shorten the text.", most=LONGEST)
    if text and not shown:
        raise BadInput("There is nothing to read in that text: write a sentence, or leave it out.")
    return shown
