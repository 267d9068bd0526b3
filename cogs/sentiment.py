"""The command /sentiment: whether a text is positive or negative."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs._answering import answer
from cogs._host import Host, Interaction
from cogs._options import MODEL, PRIVATE, Model, Text
from core.slots import has_slot


class Sentiment(commands.Cog):
    """Scores a text with every label of a classifier."""

    @app_commands.command()
    @app_commands.describe(
        text="A sentence or a few; with {France|Iceland} in it, every filling is scored",
        model=MODEL,
        private=PRIVATE,
    )
    async def sentiment(self, interaction: Interaction, text: Text, model: Model = "", private: bool = False) -> None:
        """Is a text positive or negative? A classifier's answer, with its probabilities."""
        way = "variants" if has_slot(text) else "sentiment"
        await answer(interaction, way, text, model=model, private=private)


async def setup(bot: Host) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Sentiment())
