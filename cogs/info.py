"""The command /info: version, models and load."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from cogs.cards.markdown import code_span
from cogs.cards.purposes import told_purpose
from cogs.requests.bot_base import BotBase, Interaction
from core import __version__


class Info(commands.Cog):
    """Tells versions, models and load."""

    def __init__(self) -> None:
        self._since = discord.utils.utcnow()

    @app_commands.command()
    async def info(self, interaction: Interaction) -> None:
        """What is running here: the version, the models, how busy it is."""
        core, known = interaction.client.core, interaction.client.models(interaction)
        load, say = core.snapshot(), interaction.client.language(interaction)
        models = [
            " · ".join(
                filter(
                    None,
                    [
                        f"`/{command}` {code_span(model.name, 80)}",
                        told_purpose(say, known.kind(model)),
                        core.precision(command, model),
                    ],
                )
            )
            for command, model in known.defaults.items()
        ]
        lines = [
            say("### A look inside transformers · version {version}", version=__version__),
            *models,
            say(
                "{queued:,} requests waiting · {busy} of {devices} devices at work ({names}) · running since {since}",
                queued=load.queued,
                busy=load.busy,
                devices=load.devices,
                names=code_span(core.devices(), 80),
                since=discord.utils.format_dt(self._since, "R"),
            ),
        ]
        await interaction.response.send_message("\n".join(lines), ephemeral=True)


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Info())
