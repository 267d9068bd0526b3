"""The command /tokens: how a model cuts a text."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs._answering import answer
from cogs._host import Host, Interaction
from cogs._options import MODEL, PRIVATE, Model, Text


class Tokens(commands.Cog):
    """Shows the pieces that a model reads instead of words."""

    @app_commands.command()
    @app_commands.describe(text="Any text: try long words, other languages, emoji", model=MODEL, private=PRIVATE)
    async def tokens(self, interaction: Interaction, text: Text, model: Model = "", private: bool = False) -> None:
        """How does a model cut a text? Its tokens, their ids, and what it cannot read."""
        await answer(interaction, "tokens", text, model=model, private=private)


async def setup(bot: Host) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Tokens())
