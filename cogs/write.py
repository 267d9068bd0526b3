"""The command /write: a causal model goes on with a text, one token after the other."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, Model, Text
from cogs.requests.replay import answer_writing
from core.reading.sampling import MOST_SEED, MOST_TEMPERATURE, MOST_TOP_K


class Write(commands.Cog):
    """Goes on with a text."""

    @app_commands.command()
    @app_commands.describe(
        text="What to go on with; or a recipe from “Download”",
        temperature="Below 1 what is likely becomes likelier still, above 1 less so; 0 always takes the likeliest",
        top_k="Draw only from so many of the likeliest tokens; 50 if you leave this out, 0 for all",
        top_p="Draw only from the likeliest tokens that have this share of probability together, such as 0.9",
        seed="The same text, settings and seed write the same; 0 if you leave this out",
        model=MODEL,
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def write(
        self,
        interaction: Interaction,
        text: Text,
        temperature: app_commands.Range[float, 0, MOST_TEMPERATURE] | None = None,
        top_k: app_commands.Range[int, 0, MOST_TOP_K] | None = None,
        top_p: app_commands.Range[float, 0, 1] | None = None,
        seed: app_commands.Range[int, 0, MOST_SEED] | None = None,
        model: Model = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """What comes next? Let a GPT go on with a text, and see what each token was chosen from."""
        options = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
        await answer_writing(interaction, text, model=model, theme=theme, private=private, **options)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Write())
