"""Message commands (right-click a message, then Apps): the same commands on what somebody wrote, privately."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from cogs.requests.answering import answer
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.message_text import read_message
from cogs.requests.replay import answer_attention


class Messages(commands.Cog):
    """Looks at messages. Nothing of them is stored beyond the results that every answer's controls need."""

    def __init__(self, bot: BotBase) -> None:
        self._bot = bot
        commands = (("Sentiment", self.sentiment), ("Tokens", self.tokens), ("Attention", self.attention))
        self._menus = [app_commands.ContextMenu(name=name, callback=callback) for name, callback in commands]

    async def cog_load(self) -> None:
        """Register the commands: discord.py finds only slash commands in a cog by itself."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take them off again."""
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def sentiment(self, interaction: Interaction, message: discord.Message) -> None:
        """Is that message positive or negative?"""
        await answer(interaction, "sentiment", read_message(interaction, message), private=True)

    async def tokens(self, interaction: Interaction, message: discord.Message) -> None:
        """How is that message cut into tokens?"""
        await answer(interaction, "tokens", read_message(interaction, message), private=True)

    async def attention(self, interaction: Interaction, message: discord.Message) -> None:
        """Which words of that message look at which?"""
        await answer_attention(interaction, read_message(interaction, message), private=True)


async def setup(bot: BotBase) -> None:
    """Add the commands to a bot."""
    await bot.add_cog(Messages(bot))
