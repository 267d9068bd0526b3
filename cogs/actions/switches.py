"""Heads switched off one after the other, and on again."""

from __future__ import annotations

from cogs.actions.redraw import Found, change_card
from cogs.cards.ablation_controls import heads_after
from cogs.cards.controls import Press
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.results import Ablation


async def switch_head(interaction: Interaction, press: Press) -> None:
    """Switch the head that is looked at off beside those that are, or on again, and show what is left."""
    state = ViewState.parse(press.detail)
    if state.one_head is None:
        raise Expired

    async def switched(**deferral: bool) -> Found:
        client = interaction.client
        result = await result_of(interaction, press.key, **deferral)
        if not isinstance(result, Ablation):
            raise Expired
        client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, **deferral)
        left = await client.core.switch_off(result, heads_after(result, state), tenant=tenant(interaction))
        return client.core.keep(left), left, state

    await change_card(interaction, switched)
