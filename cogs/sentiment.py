"""The command /sentiment: whether a text is positive or negative."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.answering import answer
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, LongText, Model
from core.reading.templates import is_template
from core.reading.validation import split_lines


class Sentiment(commands.Cog):
    """Scores a text with every label of a classifier."""

    @app_commands.command()
    @app_commands.describe(
        text="A sentence, or up to 10, one per line; with {France|Iceland} every filling is scored",
        model=MODEL,
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def sentiment(
        self, interaction: Interaction, text: LongText, model: Model = "", theme: str = "dark", private: bool = False
    ) -> None:
        """Is a text positive or negative? A classifier's answer, with its probabilities."""
        way = "variants" if is_template(text) else "several" if len(split_lines(text)) > 1 else "sentiment"
        await answer(interaction, way, text, model=model, theme=theme, private=private)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Sentiment())
