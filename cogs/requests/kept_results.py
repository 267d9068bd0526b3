"""The result that a pressed control is about: a kept one, or one worked out again from what its card says."""

from __future__ import annotations

from cogs.cards.question import CardQuestion
from cogs.requests.bot_base import Interaction, tenant
from core.errors import Expired
from core.results import Result


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
        ask = CardQuestion.read(interaction.message).again(core)
    interaction.client.limit_rate(interaction)
    await interaction.client.acknowledgements.defer(interaction, **deferral)
    result = await ask(tenant=tenant(interaction))
    core.keep(result, key)
    return result
