"""The command /sentiment: whether a text is positive or negative."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.answering import answer_of_both
from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.options import IN_THEMES, MODEL, PRIVATE, THEME, WITH, LongText, Model, OtherModel
from core.errors import BadInput
from core.reading.separators import keep_separators, split_texts
from core.reading.templates import is_template, unescape


class Sentiment(commands.Cog):
    """Scores a text with every label of a classifier."""

    @app_commands.command()
    @app_commands.rename(other="with")
    @app_commands.describe(
        text="A sentence, or up to 10 with ;; between; {France|Iceland} scores every filling, \\{ is only a brace",
        model=MODEL,
        other=WITH,
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    async def sentiment(
        self,
        interaction: Interaction,
        text: LongText,
        model: Model = "",
        other: OtherModel = "",
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """Is a text positive or negative? A classifier's answer, with its probabilities."""
        way, read = _read(text)
        if other and way != "sentiment":
            raise BadInput(
                "Two models are compared on one text: leave out `with:`, or give a single text without `;;`, line "
                "breaks and `{A|B}`."
            )
        await answer_of_both(interaction, way, read, other, model=model, theme=theme, private=private)


def _read(typed: str) -> tuple[str, str]:
    """How to ask about what was typed, a way of `core.commands`, and the text to ask about."""
    if is_template(typed):
        return "variants", typed
    texts = [unescape(text) for text in split_texts(typed)]
    if len(texts) > 1:
        return "several", "\n".join(texts)
    return "sentiment", unescape(keep_separators(typed))


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Sentiment())
