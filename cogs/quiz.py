"""The command /quiz: a round of guessing what a model does."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, THEME, QuizModel
from cogs.requests.quiz.rounds import start_round
from cogs.requests.quiz.wanted import MOST_SECONDS, Wanted
from core.quiz import KINDS, LONGEST, Kind

CHOICES = [
    app_commands.Choice(name="Hidden word", value="word"),
    app_commands.Choice(name="How many tokens", value="tokens"),
    app_commands.Choice(name="Positive or negative", value="label"),
    app_commands.Choice(name="Which head", value="head"),
    app_commands.Choice(name="Where does it look", value="look"),
]
"""The kinds of questions."""

SHORTEST = 10
"""Seconds in which people can guess."""


class Quiz(commands.Cog):
    """Lets people guess. Its rounds are kept in memory, while it is loaded."""

    def __init__(self, bot: BotBase) -> None:
        self._bot = bot

    async def cog_unload(self) -> None:
        """Let no round end by itself any more."""
        self._bot.rounds.close()

    @app_commands.command()
    @app_commands.describe(
        kind="What to guess; something else each time if you leave this out",
        text="A sentence to ask about, with ___ in it for a hidden word; one is drawn if you leave this out",
        seconds="After how many seconds the answer shows by itself; you can reveal it before",
        score="Whether to count points from round to round, and list who guessed right by name",
        model="Which model to ask; the list has those that fit",
        theme=THEME,
        private="Whether only you see the round; left out, everybody here does unless the server wants it otherwise",
    )
    @IN_THEMES
    @app_commands.choices(kind=CHOICES)
    async def quiz(
        self,
        interaction: Interaction,
        kind: str = "",
        text: app_commands.Range[str, 1, LONGEST] = "",
        seconds: app_commands.Range[int, SHORTEST, MOST_SECONDS] | None = None,
        score: bool = False,
        model: QuizModel = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """What does the model do? A question for everybody here, with four answers to choose from."""
        chosen: Kind | None = next((one for one in KINDS if one == kind), None)
        await start_round(interaction, Wanted(chosen, text, model, theme, seconds or 0, {} if score else None, private))


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Quiz(bot))
