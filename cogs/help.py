"""The command /help: what can be asked here, in five lines, with buttons that run examples."""

from __future__ import annotations

from typing import Any

from discord import app_commands, ui
from discord.ext import commands

from cogs.actions.examples import EXAMPLES
from cogs.cards.controls.items import NOTHING, button
from cogs.requests.bot_base import BotBase, Interaction
from core.language import Language

IN_ROW = 5
"""The most buttons that Discord allows in a row."""

LABELS = {
    "decoder": "Let a GPT go on",
    "encoder-decoder": "See a decoder look back",
    "patching": "Patch one text into another",
}
"""Of examples that are not named after a command."""


class Help(commands.Cog):
    """Teaches the commands."""

    @app_commands.command()
    async def help(self, interaction: Interaction) -> None:
        """What can be asked here? Five lines, and examples to press."""
        say = interaction.client.language(interaction)
        buttons = [button("example", NOTHING, name, _label(say, name)) for name in EXAMPLES]
        rows = (ui.ActionRow[Any](*row) for row in (buttons[:IN_ROW], buttons[IN_ROW:]))
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.Container(ui.TextDisplay[Any]("\n".join(lesson(say))), *rows))
        view.stop()  # its buttons work by themselves; discord.py would watch over it for a quarter of an hour
        await interaction.response.send_message(view=view, ephemeral=True)


def _label(say: Language, name: str) -> str:
    return say(LABELS[name]) if name in LABELS else say("Try /{command}", command=name)


def lesson(say: Language) -> list[str]:
    """The five lines."""
    return [
        say("**/{command}** cuts a text into tokens, the pieces that a model reads.", command="tokens"),
        say(
            "**/{command}** shows which token looks at which, in every layer and head. The menus below a picture "
            "change it.",
            command="attention",
        )
        + " "
        + say("**/{command}** works attention out step by step, over small numbers.", command="lab"),
        say(
            "**/{command}** finds words for a gap, written `___`, and how layer after layer comes to them.",
            command="unmask",
        )
        + " "
        + say("**/{command}** goes on with a text, token by token, and shows what else could come.", command="write")
        + " "
        + say("Models differ in what they see, and **/{command}** tells them apart.", command="models")
        + " "
        + say("**/{command}** lets everybody here guess what one does.", command="quiz"),
        say(
            "**/{command}** tells whether a text is positive or negative, and which words make it so; of several with "
            "`;;` between them, too.",
            command="sentiment",
        ),
        say("Right-click or press and hold any message, then Apps, to look at what is written there, only for you.")
        + " "
        + say("**/{command}** leads through all of this, one stop after the other.", command="learn"),
    ]


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Help())
