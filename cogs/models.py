"""The command /models: which models there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.actions.examples import example_of
from cogs.cards.card import ACCENT
from cogs.cards.controls.items import NOTHING, OPTIONS, Control, select
from cogs.cards.markdown import code_span
from cogs.cards.purposes import told_purpose
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import NAME
from core.language import Language
from core.models.registry import ModelEntry

STAR = r"\*"

MOST = 3500
"""Characters of the list: Discord allows 4,000 in a message."""


class Models(commands.Cog):
    """Lists the models that can be asked."""

    @app_commands.command()
    async def models(self, interaction: Interaction) -> None:
        """Which models are there? What each is for and can do, with an example; its licence and size."""
        client = interaction.client
        say, entries = client.language(interaction), client.core.entries(client.chosen(interaction).model)
        lines = _fitting([_line(say, entry) for entry in entries[:OPTIONS]])
        texts = [say("### {count} models", count=len(entries)), *lines]
        texts.append(say("-# \\* asked where no model is chosen"))
        if left := len(entries) - len(lines):
            texts.append(say("-# and {left} more: the option `model` completes them all", left=left))
        card = ui.LayoutView()
        tries = ui.ActionRow[Any](_examples(say, entries[: len(lines)]))
        card.add_item(ui.Container(ui.TextDisplay[Any]("\n".join(texts)), tries, accent_colour=ACCENT))
        card.stop()  # its list works by itself
        await interaction.response.send_message(view=card, ephemeral=True)


def _fitting(lines: list[str]) -> list[str]:
    """As many as fit into a message."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > MOST:
            break
        kept.append(line)
    return kept


def _line(say: Language, entry: ModelEntry) -> str:
    name = " · ".join(filter(None, [f"**{code_span(entry.model.name, NAME)}**", told_purpose(say, entry.kind)]))
    return "\n".join([name, f"-# {' · '.join(_facts(say, entry))}"])


def _examples(say: Language, entries: Sequence[ModelEntry]) -> Control:
    """A list of models to press, each with what is tried."""
    options = {
        example.model: discord.SelectOption(
            label=example.model, value=example.model, description=f"/{example.command} {example.text}"[:NAME]
        )
        for example in map(example_of, entries)
        if example and len(example.model) <= NAME
    }
    return select("try", NOTHING, "", say("Try one"), list(options.values()))


def _facts(say: Language, entry: ModelEntry) -> Iterator[str]:
    names = (f"/{command}{STAR if command in entry.defaults else ''}" for command in entry.commands)
    if entry.commands:
        yield " ".join(names)
    if entry.missing:
        yield say("its tokenizer cannot be read without {missing}", missing=entry.missing)
    if entry.unusable:
        yield say("its file {file} cannot be used", file=entry.unusable)
    yield entry.licence or say("licence not stated")
    if entry.memory:
        yield say("{size:,} MiB", size=max(1, entry.memory >> 20))
    if entry.model.bundled:
        yield say("comes with this bot")
    if entry.loaded:
        yield say("loaded")
    if entry.model.revision:
        address = f"https://huggingface.co/{entry.model.name}/tree/{entry.model.revision}"
        yield f"[{discord.utils.escape_markdown(entry.model.revision[:7])}](<{address}>)"


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Models())
