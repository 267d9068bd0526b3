"""The command /lab: attention worked out over small matrices."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.exercise import answer_exercise
from cogs.requests.options import IN_THEMES, PRIVATE, THEME
from core.lab import SEEDS

Typed = app_commands.Range[str, 1, 1000]
"""A matrix: 8 × 8 numbers of a dozen characters each fit."""


class Lab(commands.Cog):
    """Shows the arithmetic of attention."""

    @app_commands.command()
    @app_commands.describe(
        query="Rows separated by semicolons, such as 1 0; 0 1 (leave it out for random numbers)",
        key="The same; the query if you leave this out",
        value="The same; the key if you leave this out",
        mask="causal, or a matrix of 0 and 1, where 1 hides a key from a query",
        shape="Of random matrices: rows and columns, such as 3 4",
        seed="Of the random numbers; 42 if you leave this out",
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def lab(
        self,
        interaction: Interaction,
        query: Typed = "",
        key: Typed = "",
        value: Typed = "",
        mask: Typed = "",
        shape: app_commands.Range[str, 1, 20] = "",
        seed: app_commands.Range[int, 0, SEEDS - 1] | None = None,
        theme: str = "",
        private: bool = False,
    ) -> None:
        """How is attention computed? Every step over small matrices, with the numbers."""
        await answer_exercise(
            interaction, private, theme, query=query, key=key, value=value, mask=mask, shape=shape, seed=seed
        )

    @lab.autocomplete("mask")
    async def _masks(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        say = interaction.client.language(interaction)
        known = [app_commands.Choice(name=say("causal: nobody looks ahead"), value="causal")]
        return known if "causal".startswith(typed.strip().casefold()) else []


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Lab())
