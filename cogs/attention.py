"""The command /attention: which words look at which."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs._answering import answer
from cogs._host import Host, Interaction
from cogs._options import Text
from core.tokens import BETWEEN


class Attention(commands.Cog):
    """Draws where each token looks."""

    @app_commands.command()
    @app_commands.describe(
        text="A sentence, up to 128 tokens",
        second="A second text, to see who looks at whom between the two",
        layer="Which layer to start with; leave out both to start with the head most worth seeing",
        head="Which head of that layer; the mean of all if you leave this out",
    )
    async def attention(
        self,
        interaction: Interaction,
        text: Text,
        second: Text | None = None,
        layer: app_commands.Range[int, 1, 96] | None = None,
        head: app_commands.Range[int, 1, 128] | None = None,
    ) -> None:
        """Which words look at which? The attention of every layer and head, as a picture to explore."""
        both = f"{text} {BETWEEN} {second}" if second else text
        await answer(interaction, "attention", both, layer=layer and layer - 1, head=head and head - 1)


async def setup(bot: Host) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Attention())
