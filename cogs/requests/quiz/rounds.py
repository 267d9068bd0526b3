"""A round of the quiz: its question, how many have guessed, its answer."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random

import discord

from cogs.cards.layouts import source_of
from cogs.cards.quiz.card import QuizCard, answer_card, answer_view, count_guesses, question_card, question_view
from cogs.cards.quiz.state import Asked, QuizState
from cogs.requests.acknowledgement import REFUSALS
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import BotBase, Interaction, tenant
from cogs.requests.progress import progress_notice
from cogs.requests.quiz.wanted import Wanted, fitting_kinds
from core.errors import BadInput, Expired, describe, is_failure
from core.language import Language
from core.quiz import KINDS, Kind, Posed, ask_again, judge, pose
from core.render.kit.drawing.palette import Theme
from core.results import Result

logger = logging.getLogger(__name__)

FORGOTTEN = 14 * 60
"""Seconds after which a round ends by itself: a card can be edited for a minute more."""


async def start_round(interaction: Interaction, wanted: Wanted) -> None:
    """Answer a command or a press with the card of a new round. Whatever it raises is reported by the caller."""
    client = interaction.client
    client.track(interaction)
    client.rounds.check(interaction.user.id)
    text, random = wanted.shown_text(), Random(secrets.randbits(64))
    kinds = fitting_kinds(client.models(interaction), wanted.kind, text, wanted.model)
    random.shuffle(kinds)
    command = KINDS[kinds[0]].command
    model = client.models(interaction).get(command, wanted.model)
    if text:
        client.core.check(command, text, model.name, read=not client.acknowledgements.crowded)
    private = client.private(interaction, wanted.private)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    audience = audience_of(interaction, private=private)
    say = client.language(interaction, public=audience == "owned")
    posed = await _pose(interaction, kinds, random, text, say, wanted)
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
        options = await asyncio.to_thread(judge, state.question, result)
        say = client.languages.of(state.language)
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
    interaction: Interaction, kinds: Sequence[Kind], random: Random, text: str, say: Language, wanted: Wanted
) -> Posed:
    """A question of the first kind of which one can be made.

    Raises:
        CoreError: As for `core.quiz.pose`, of the last kind.
    """
    client = interaction.client

    async def of(kind: Kind) -> Posed:
        command = KINDS[kind].command
        name, by = client.models(interaction).get(command, wanted.model).name, tenant(interaction)
        async with progress_notice(interaction, say, command, name):
            return await pose(
                client.core,
                kind,
                random,
                text=text,
                language=say.code,
                model=name,
                besides=wanted.besides,
                tenant=by,
            )

    *others, last = kinds
    for kind in others:
        with suppress(BadInput):
            return await of(kind)
    return await of(last)


async def _begin(interaction: Interaction, asked: Asked, posed: Posed, say: Language, *, alone: bool) -> None:
    """Show the question, and let people guess."""
    client, state, result = interaction.client, asked.state, posed.result
    view = question_view(say, state, result)
    drawing = await client.core.draw(view) if view else None
    ends = int(time.time()) + state.seconds if state.seconds else 0
    card = question_card(say, asked, result, posed.options, drawing, ends, alone=alone)
    running = _Running(client, asked, card, say)
    client.rounds.begin(
        asked.key, interaction.user.id, state.seconds or FORGOTTEN, interaction, running.show, running.end
    )
    try:
        message = await interaction.edit_original_response(content=None, view=card, attachments=card.files())
        running.asked, running.files = replace(asked, card=message.id), message.attachments
    except BaseException:
        client.rounds.forget(asked.key)
        raise
    finally:
        running.sent.set()


class _Running:
    """What a round under way does by itself.

    Attributes:
        asked: The round.
        files: The picture of its card, which stays when the count changes.
        sent: Whether its card is there, or never will be.
    """

    def __init__(self, client: BotBase, asked: Asked, card: QuizCard, say: Language) -> None:
        self._client, self._card, self._say = client, card, say
        self.asked, self.files, self.sent = asked, list[discord.Attachment](), asyncio.Event()

    async def show(self) -> None:
        """Show how many have guessed."""
        await self.sent.wait()
        with self._client.turns.take(self.asked.card) as turn:
            await turn()
            if self._card.counted and (current := self._client.rounds.get(self.asked.key)):
                self._card.counted.content = count_guesses(self._say, len(current.guesses))
                with suppress(*REFUSALS):  # the next one shows it
                    await current.newest.edit_original_response(view=self._card, attachments=self.files)

    async def end(self) -> None:
        """Show the answer, or forget the round if that fails: whoever presses then is shown it."""
        current = self._client.rounds.get(self.asked.key)
        try:
            if current:
                await reveal(current.newest, self.asked)
        except BaseException as error:
            if not is_failure(error):
                raise
            logger.warning("A round that ended by itself could not be shown: %s", describe(error))
            self._client.rounds.forget(self.asked.key)


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
