"""The command /attention: which words look at which."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.cards.attention_views import ATTENTION_VIEWS
from cogs.cards.view_state import TOKENS
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, WITH, Model, OtherModel, Text, Word
from cogs.requests.replay import answer_attention


class Attention(commands.Cog):
    """Draws where each token looks."""

    @app_commands.command()
    @app_commands.rename(other="with")
    @app_commands.describe(
        text="A sentence, up to 256 tokens (or what the model reads, if less); or a recipe from “Download”",
        second="A second text: who looks at whom between the two? A model with a decoder writes it",
        against="Another version of the text, to see what changes in attention",
        layer="Which layer to start with; leave out both to start with the head most worth seeing",
        head="Which head of that layer; the mean of all if you leave this out",
        word="A word of the text: the picture opens on the head in which it looks hardest at another one",
        token="The same as `word`, for One token, Arcs and Film: a word, or a token's number",
        view="Which picture to start with",
        shown="Which tokens to show",
        model=MODEL,
        other=WITH,
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    @app_commands.choices(
        view=[app_commands.Choice(name=kind.label, value=name) for name, kind in ATTENTION_VIEWS.items()],
        shown=[app_commands.Choice(name=label, value=how) for how, label in TOKENS.items()],
    )
    async def attention(
        self,
        interaction: Interaction,
        text: Text,
        second: Text | None = None,
        against: Text | None = None,
        layer: app_commands.Range[int, 1, 96] | None = None,
        head: app_commands.Range[int, 1, 128] | None = None,
        word: Word = "",
        token: Word = "",
        view: str | None = None,
        shown: str | None = None,
        model: Model = "",
        other: OtherModel = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """Which words look at which? The attention of every layer and head, as a picture to explore."""
        numbers = {"layer": layer, "head": head}
        state = {name: number and number - 1 for name, number in numbers.items()}
        await answer_attention(
            interaction,
            text,
            second=second or "",
            against=against or "",
            model=model,
            other=other,
            private=private,
            word=word or token,
            kind=view,
            shown=shown,
            theme=theme,
            **state,
        )


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Attention())
