"""What a card was asked, read back from the card itself.

Results are kept in memory for a while only. A control of an older card still works where the card shows its text
exactly as it was asked, which the id of that component says: Discord hands ids back as they were sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import discord
from discord import ui

from cogs._host import Interaction
from cogs._text import quote
from core import Core
from core.errors import Expired
from core.facade import COMMANDS, DEEPER, Command
from core.recall import Result
from core.results import Unmasked

EXACT = 1000
"""The id of a text that is shown as it was asked, plus the words that were asked for per mask; others are smaller."""


def shown(text: str, result: Result) -> ui.TextDisplay[Any]:
    """The text of a result as its card shows it."""
    span, top, alone = quote(text), 0, True
    if isinstance(result, Unmasked):
        top, alone = len(result.masks[0]), not result.targets
    return ui.TextDisplay(span, id=EXACT + top if alone and span == f"`{text}`" else None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What has to be asked to get a card again.

    Attributes:
        command: One of `core.facade.COMMANDS` or `DEEPER`.
        text: The text, exactly.
        top: Words per mask; 0 for commands without masks.
        says: What else the card says, the name of its model among it.
    """

    command: str
    text: str
    top: int
    says: str

    @classmethod
    def read(cls, message: discord.Message | None) -> Self:
        """Read a card.

        Raises:
            Expired: It does not hold all that is needed.
        """
        command = message.attachments[0].filename.partition(".")[0] if message and message.attachments else ""
        texts = list(_texts(message.components)) if message else []
        exact = next((text for text in texts if text.id is not None and text.id >= EXACT), None)
        if command not in (*COMMANDS, *DEEPER) or exact is None or exact.id is None:
            raise Expired(DEEPER.get(command, command))
        says = "\n".join(text.content for text in texts if text is not exact)
        return cls(command, exact.content[1:-1], exact.id - EXACT, says)

    async def again(self, core: Core, tenant: Hashable) -> Result:
        """Ask again.

        Raises:
            Expired: Another model would answer now than the one that the card names.
        """
        command = DEEPER.get(self.command, self.command)
        if core.models[cast(Command, command)].name not in self.says:
            raise Expired(command)
        if self.command == "tokens":
            return await core.tokens(self.text)
        options = {"top": self.top} if self.command == "unmask" else {}
        return await getattr(core, self.command)(self.text, tenant=tenant, **options)


async def result_of(interaction: Interaction, key: str, **deferral: bool) -> Result:
    """The result that a pressed control is about: the kept one, or one worked out again and kept under the same key.

    Args:
        interaction: The press.
        key: What the control calls the result.
        deferral: How to defer if it takes longer, as for `discord.InteractionResponse.defer`.

    Raises:
        Expired: It is not kept, and the card does not hold what would be needed to ask again.
    """
    core = interaction.client.core
    try:
        return core.recall(key)
    except Expired:
        asked = Asked.read(interaction.message)
    interaction.client.take_turn(interaction)
    await interaction.response.defer(**deferral)
    result = await asked.again(core, interaction.guild_id or interaction.user.id)
    core.keep(result, key)
    return result


def _texts(components: Sequence[Any]) -> Iterator[discord.TextDisplay]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component
        yield from _texts(getattr(component, "children", ()))
