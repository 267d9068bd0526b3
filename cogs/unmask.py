"""The command /unmask: which words fit into a gap."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, WITH, Model, OtherModel, Text
from cogs.requests.replay import answer_unmask
from core.asking.answers import MOST_CANDIDATES


class Unmask(commands.Cog):
    """Predicts masked words."""

    @app_commands.command()
    @app_commands.rename(other="with")
    @app_commands.describe(
        text="A sentence with [MASK], <mask> or ___ where a word is missing; GPT goes on without one",
        against="A text of as many tokens, to see which parts of the model carry its answer over",
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
        against: Text | None = None,
        top: app_commands.Range[int, 1, MOST_CANDIDATES] = 5,
        targets: app_commands.Range[str, 1, 500] = "",
        model: Model = "",
        other: OtherModel = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """Which words fit into a gap? A model's guesses for [MASK], <mask> or ___."""
        await answer_unmask(
            interaction,
            text,
            against=against or "",
            targets=targets,
            top=top,
            model=model,
            other=other,
            theme=theme,
            private=private,
        )


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Unmask())
