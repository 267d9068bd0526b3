"""The command /learn: what attention is, stop by stop."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.lessons.answering import answer_stop
from cogs.lessons.place import OPEN, Place
from cogs.lessons.unit import STOPS
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, PRIVATE, THEME


class Learn(commands.Cog):
    """Leads through the subject."""

    @app_commands.command()
    @app_commands.describe(
        start="Which stop to begin with; the first if you leave this out", theme=THEME, private=PRIVATE
    )
    @IN_THEMES
    @app_commands.choices(start=[app_commands.Choice(name=stop.title, value=stop.key) for stop in STOPS.values()])
    async def learn(
        self, interaction: Interaction, start: str = "", theme: str = "", private: bool | None = None
    ) -> None:
        """Attention in twelve stops: a picture and a question each, on your own sentences, too."""
        ground = "light" if (theme or interaction.client.theme(interaction)) == "light" else "dark"
        place = Place.parse(f"{start or next(iter(STOPS))}.{OPEN}.{ground}")
        await answer_stop(interaction, place, private)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Learn())
