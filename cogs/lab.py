"""The command /lab: attention worked out over small matrices."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from cogs.requests.bot_base import BotBase, Interaction
from cogs.requests.exercise import answer_exercise
from cogs.requests.options import IN_THEMES, PRIVATE, THEME
from core.lab import BLOCK, ENCODINGS, LARGEST, POSITIONS, SEEDS

Typed = app_commands.Range[str, 1, 1000]
"""A matrix: 8 × 8 numbers of a dozen characters each fit."""


KINDS = [
    app_commands.Choice(name="Scaled dot product (Vaswani et al. 2017)", value="scaled"),
    app_commands.Choice(name="Dot product (Luong et al. 2015)", value="dot"),
    app_commands.Choice(name="Additive (Bahdanau et al. 2015)", value="additive"),
    app_commands.Choice(name="General (Luong et al. 2015)", value="general"),
]
"""How a query and a key are compared."""


class Lab(commands.Cog):
    """Shows the arithmetic of attention."""

    @app_commands.command()
    @app_commands.describe(
        query="Rows separated by semicolons, such as 1 0; 0 1 (leave it out for random numbers)",
        key="The same; the query if you leave this out",
        value="The same; the key if you leave this out",
        mask="causal, local:2 (two to each side), or a matrix of 0 and 1, where 1 hides a key from a query",
        kind="How queries and keys are compared: scaled dot product if you leave this out",
        against="Another kind, beside it",
        scale="on (÷ √d), off, or a number to multiply scores by",
        heads="Parts to split the columns into, attended to one by one",
        positions="What tells the rows their places",
        names="Words for the rows, such as the cat sat; for other keys le chat; the cat sat",
        show="What else to work out",
        learned="W of general; W₁ | W₂ | v of additive; F₁ | F₂ of a block",
        shape="Of random matrices: rows and columns, such as 3 4; 3 5 4 for three queries and five keys",
        seed="Of the random numbers; 42 if you leave this out",
        theme=THEME,
        private=PRIVATE,
    )
    @IN_THEMES
    @app_commands.choices(  # below the former, whose choices many commands share
        kind=KINDS,
        against=KINDS,
        positions=[app_commands.Choice(name=name, value=name) for name in POSITIONS],
        show=[
            app_commands.Choice(name="A block of a Transformer: residuals, layer norms, feed-forward", value=BLOCK),
            app_commands.Choice(name="The encodings of 32 positions", value=ENCODINGS),
        ],
    )
    async def lab(
        self,
        interaction: Interaction,
        query: Typed = "",
        key: Typed = "",
        value: Typed = "",
        mask: Typed = "",
        kind: str = "",
        against: str = "",
        scale: app_commands.Range[str, 1, 20] = "",
        heads: app_commands.Range[int, 1, LARGEST] = 1,
        positions: str = "",
        names: app_commands.Range[str, 1, 200] = "",
        show: str = "",
        learned: Typed = "",
        shape: app_commands.Range[str, 1, 20] = "",
        seed: app_commands.Range[int, 0, SEEDS - 1] | None = None,
        theme: str = "",
        private: bool | None = None,
    ) -> None:
        """How is attention computed? Every step over small matrices, with the numbers."""
        await answer_exercise(
            interaction,
            private,
            theme,
            query=query,
            key=key,
            value=value,
            mask=mask,
            kind=kind,
            against=against,
            scale=scale,
            heads=heads,
            positions=positions,
            names=names,
            show=show,
            learned=learned,
            shape=shape,
            seed=seed,
        )

    @lab.autocomplete("mask")
    async def _masks(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        say = interaction.client.language(interaction)
        known = {
            "causal": say("causal: nobody looks ahead"),
            "local:1": say("local:1: only neighbours see each other"),
            "causal local:1": say("causal local:1: each sees itself and the one before"),
        }
        found = {value: name for value, name in known.items() if value.startswith(typed.strip().casefold())}
        return [app_commands.Choice(name=name, value=value) for value, name in found.items()]


async def setup(bot: BotBase) -> None:
    """Add the command to a bot."""
    await bot.add_cog(Lab())
