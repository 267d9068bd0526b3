"""What a card was asked, read back from the card itself.

Results are kept in memory for a while only. A control of an older card still works where the card shows its text
exactly as it was asked, which the id of that component says: Discord hands ids back as they were sent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from cogs.cards.markdown import code_span
from core import Core
from core.commands import Command, command_of
from core.errors import BadInput, Expired
from core.results import DecodedText, ModelInfo, Result, TokenizerComparison, Unmasked

EXACT = 1000
"""The id of a text that is shown as it was asked, plus the words that were asked for per mask; others are smaller."""


def text_display(text: str, result: Result) -> ui.TextDisplay[Any]:
    """The text of a result as its card shows it."""
    span, top, alone = code_span(text), 0, not isinstance(result, TokenizerComparison | DecodedText)
    if isinstance(result, Unmasked):
        top, alone = len(result.masks[0]), not result.targets
    return ui.TextDisplay(span, id=EXACT + top if alone and span == f"`{text}`" else None)


def model_line(model: ModelInfo) -> str:
    """How the line of a card begins that says which model answered."""
    return f"-# {model.name}"


def command_of_card(message: discord.Message | None) -> tuple[Command, str]:
    """The command of a card, and the method of the core that gave its answer, by the name of its picture.

    Raises:
        Expired: It does not say.
    """
    way = message.attachments[0].filename.partition(".")[0] if message and message.attachments else ""
    try:
        return command_of(way), way
    except BadInput:
        raise Expired(way if way == "lab" else "") from None  # a command, but one that asks no model


@dataclass(frozen=True, slots=True)
class CardQuestion:
    """What has to be asked to get a card again.

    Attributes:
        command: The command whose model and rules the answer has.
        way: The method of the core that gave it: the command, or one of `core.commands.FOLLOW_UPS`.
        text: The text, exactly.
        top: Words per mask; 0 for commands without masks.
        says: What else the card says, the name of its model among it.
    """

    command: Command
    way: str
    text: str
    top: int
    says: str

    @classmethod
    def read(cls, message: discord.Message | None) -> Self:
        """Read a card.

        Raises:
            Expired: It does not hold all that is needed.
        """
        command, way = command_of_card(message)
        texts = list(_texts(message.components)) if message else []
        exact = next((text for text in texts if text.id is not None and text.id >= EXACT), None)
        if exact is None or exact.id is None:
            raise Expired(command)
        says = "\n".join(text.content for text in texts if text is not exact)
        return cls(command, way, exact.content[1:-1], exact.id - EXACT, says)

    async def again(self, core: Core, tenant: Hashable) -> Result:
        """Ask again.

        Raises:
            Expired: The model that the card names can no longer be asked for.
        """
        model = self.model(core).name
        options = {"top": self.top} if self.way == "unmask" else {}
        return await getattr(core, self.way)(self.text, model=model, tenant=tenant, **options)

    def model(self, core: Core) -> ModelInfo:
        """The model that the card names in its last line.

        Raises:
            Expired: It can no longer be asked for.
        """
        for model in core.models.for_command(self.command):
            if any(line.split(" · ")[0] == model_line(model) for line in self.says.splitlines()):
                return model
        raise Expired(self.command)


def _texts(components: Sequence[Any]) -> Iterator[discord.TextDisplay]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component
        yield from _texts(getattr(component, "children", ()))
