"""What presses on the card of a round do: a guess, the answer, another round."""

from __future__ import annotations

from cogs.cards.controls.items import Press
from cogs.cards.quiz.state import Asked, QuizState
from cogs.requests.audience import Hold, NotYours
from cogs.requests.bot_base import Interaction
from cogs.requests.quiz.rounds import reveal, start_round
from cogs.requests.quiz.wanted import Wanted
from core.errors import Expired


async def guess(interaction: Interaction, press: Press) -> None:
    """Note a guess. Who is alone sees the answer at once, and so does whoever presses in a round that is lost."""
    client = interaction.client
    option, _, detail = press.detail.partition(".")
    state = QuizState.parse(detail)
    if not option.isdecimal() or int(option) >= state.question.count:
        raise Expired
    current = client.rounds.taking_guesses(press.key)
    if current:
        current.guess(interaction.user.id, int(option))  # before anything else, so that none is lost
    if (not current and not client.rounds.is_over(press.key)) or _alone(interaction):
        await _show_answer(interaction, press.key, state)
        return
    await client.acknowledgements.defer(interaction)
    if current:
        current.newest = interaction


async def reveal_round(interaction: Interaction, press: Press) -> None:
    """Show the answer, for whoever started the round; of one that is lost, for everybody.

    Raises:
        NotYours: Somebody else started it.
    """
    state = QuizState.parse(press.detail)
    if interaction.client.rounds.get(press.key) and not Hold.of(interaction).owner:
        raise NotYours("Only whoever started this round reveals its answer: guess, and change your guess, until then.")
    await _show_answer(interaction, press.key, state)


async def start_again(interaction: Interaction, press: Press) -> None:
    """Start another round of the same kind, with the points so far, for whoever started this one.

    Raises:
        NotYours: Somebody else started it.
    """
    state = QuizState.parse(press.detail)
    if not Hold.of(interaction).owner:
        raise NotYours("Only whoever started this round goes on with it: start one of your own with /quiz.")
    asked = _asked(interaction, press.key, state)
    private = bool(interaction.message and interaction.message.flags.ephemeral)
    kind, model = state.question.kind, asked.model.name
    wanted = Wanted(kind, "", model, state.theme, state.seconds, asked.points, private, state.sentence)
    await start_round(interaction, wanted)


async def _show_answer(interaction: Interaction, key: str, state: QuizState) -> None:
    client = interaction.client
    asked = _asked(interaction, key, state)
    if not client.rounds.get(key):
        client.limit_rate(interaction)  # it may have to be worked out anew
    await client.acknowledgements.defer(interaction)
    await reveal(interaction, asked)


def _asked(interaction: Interaction, key: str, state: QuizState) -> Asked:
    try:
        return Asked.read(interaction.client.core, interaction.message, key, state)
    except Expired:
        raise Expired("quiz") from None


def _alone(interaction: Interaction) -> bool:
    """Whether nobody else sees the card."""
    card = interaction.message
    return interaction.context.dm_channel or bool(card and card.flags.ephemeral)
