"""The command /tokens: how a model cuts a text."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.answering import answer
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, Model, Models, Text
from core.errors import BadInput


class Tokens(commands.Cog):
    """Shows the pieces that a model reads instead of words."""

    @app_commands.command()
    @app_commands.describe(
        text="Any text: try long words, other languages, emoji",
        model=MODEL,
        compare="Up to three more models whose tokenizers cut the same text, separated by commas",
        decode="Whether the text is a list of token ids, such as [101, 7592, 102], to be turned back into words",
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def tokens(
        self,
        interaction: Interaction,
        text: Text,
        model: Model = "",
        compare: Models = "",
        decode: bool = False,
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """How does a model cut a text? Its tokens, their ids, and what it cannot read."""
        if decode and compare:
            raise BadInput("Token ids belong to one vocabulary: leave out `compare:` where you use `decode:`.")
        if decode:
            await answer(interaction, "decode", text, model=model, theme=theme, private=private)
        elif compare:
            await answer(interaction, "compare", text, model=model, theme=theme, private=private, others=compare)
        else:
            await answer(interaction, "tokens", text, model=model, theme=theme, private=private)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Tokens())
