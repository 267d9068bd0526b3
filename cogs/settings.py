"""The command /settings: what counts in a server where nobody says otherwise, for those who manage it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from discord import app_commands
from discord.ext import commands

from cogs.cards.markdown import code_span
from cogs.cards.view_state import THEMES
from cogs.languages import LANGUAGES
from cogs.requests.bot_base import BotBase, Interaction, tenant
from cogs.requests.options import AS_THE_BOT, DEFAULT, NAME, AnyModel
from cogs.requests.server_settings import ServerSettings, ServerStore
from core.language import Language
from core.models.registry import ModelRegistry

TRIAL = "Ready."
"""What a model's tokenizer cuts once it is chosen: its small files are fetched for that, and say what it fits."""


def _choices(back: str, names: Mapping[str, str]) -> list[app_commands.Choice[str]]:
    """The choices of an option: the one that takes a choice back, and those by their keys."""
    return [app_commands.Choice(name=name, value=key) for key, name in {DEFAULT: back, **names}.items()]


class Settings(commands.Cog):
    """Keeps what a server chose."""

    def __init__(self, servers: ServerStore) -> None:
        self._servers = servers

    @app_commands.command()
    @app_commands.describe(
        model="Which model is asked where nobody names one, by every command that it fits",
        theme="Dark pictures, or light ones, where nobody says",
        language="The language of answers that everybody sees",
        private="Whether only the person who asks sees an answer, where nobody says",
    )
    @app_commands.choices(
        theme=_choices(AS_THE_BOT, THEMES), language=_choices("That of the person who asks", LANGUAGES)
    )
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.default_permissions(manage_guild=True)
    async def settings(
        self,
        interaction: Interaction,
        model: AnyModel = "",
        theme: str = "",
        language: str = "",
        private: bool | None = None,
    ) -> None:
        """What counts in this server where nobody says otherwise? Without options it shows that."""
        client, server = interaction.client, interaction.guild_id
        if not server or not interaction.permissions.manage_guild:  # Discord's own rule for it can be overridden there
            raise app_commands.MissingPermissions(["manage_guild"])
        client.track(interaction)
        named = model not in ("", DEFAULT)
        if named:
            client.core.check("tokens", TRIAL, model, read=False)
            client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, thinking=True, ephemeral=True)
        if named:
            await client.core.tokens(TRIAL, model=model, tenant=tenant(interaction))
        said = {"model": model, "theme": theme, "language": language}
        changes: dict[str, Any] = {name: "" if value == DEFAULT else value for name, value in said.items() if value}
        if private is not None:
            changes["private"] = private
        chosen = await self._servers.change(server, **changes)
        lines = _told(client.language(interaction), client.core.models, chosen)
        await interaction.edit_original_response(content="\n".join(lines))


def _told(say: Language, models: ModelRegistry, chosen: ServerSettings) -> Iterator[str]:
    """What a server chose, in words."""
    yield say("### What counts in this server where nobody says otherwise")
    asked = [name for name, model in models.preferring(chosen.model).defaults.items() if model.name == chosen.model]
    name, commands = code_span(chosen.model, NAME), " ".join(f"`/{command}`" for command in asked)
    if asked:
        yield say("**Model:** {model} for {commands}", model=name, commands=commands)
    elif chosen.model:
        yield say("**Model:** as the bot has it, for {model} is no longer among those of this bot", model=name)
    else:
        yield say("**Model:** as the bot has it")
    if chosen.theme:
        yield say("**Theme:** {theme}", theme=say(THEMES[chosen.theme]))
    else:
        yield say("**Theme:** as the bot has it")
    if chosen.language in LANGUAGES:
        yield say("**Answers that everybody sees:** {language}", language=say(LANGUAGES[chosen.language]))
    else:
        yield say("**Answers that everybody sees:** in the language of the person who asks")
    yield (
        say("**Who sees an answer:** only the person who asks")
        if chosen.private
        else say("**Who sees an answer:** everybody in the channel")
    )
    yield say("-# What somebody chooses for one answer counts more. `default` takes a choice back.")


async def setup(bot: BotBase) -> None:
    """Add the command to a bot, where what servers choose is kept at all."""
    if bot.servers:
        await bot.add_cog(Settings(bot.servers))
