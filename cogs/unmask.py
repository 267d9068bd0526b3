"""The command /unmask: which words fit into a gap."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.answering import answer_of_both
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, WITH, Model, OtherModel, Text
from core.answers import MOST_CANDIDATES


class Unmask(commands.Cog):
    """Predicts masked words."""

    @app_commands.command()
    @app_commands.rename(other="with")
    @app_commands.describe(
        text="A sentence with [MASK], <mask> or ___ where a word is missing; GPT goes on without one",
        top="How many words to show for each mask; 5 if you leave this out",
        targets="Words to compare at each mask, such as Paris, London",
        model=MODEL,
        other=WITH,
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def unmask(
        self,
        interaction: Interaction,
        text: Text,
        top: app_commands.Range[int, 1, MOST_CANDIDATES] = 5,
        targets: app_commands.Range[str, 1, 500] = "",
        model: Model = "",
        other: OtherModel = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """Which words fit into a gap? A model's guesses for [MASK], <mask> or ___."""
        options = {"model": model, "theme": theme, "private": private, "top": top, "compare": targets}
        await answer_of_both(interaction, "unmask", text, other, **options)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Unmask())
