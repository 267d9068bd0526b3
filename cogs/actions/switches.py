"""Heads switched off one after the other, and on again; and which of several masks they are about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cogs.actions.redraw import Found, change_card
from cogs.cards.controls.ablation import heads_after
from cogs.cards.controls.items import Press
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.kept_results import result_of
from core.errors import Expired
from core.results import Ablation


async def switch_head(interaction: Interaction, press: Press) -> None:
    """Switch the head that is looked at off beside those that are, or on again, and show what is left."""
    state, core = ViewState.parse(press.detail), interaction.client.core
    if state.one_head is None:
        raise Expired

    async def switched(result: Ablation) -> Ablation:
        return await core.switch_off(result, heads_after(result, state), tenant=tenant(interaction))

    await _show_changed(interaction, press.key, switched, state)


async def choose_mask(interaction: Interaction, press: Press) -> None:
    """Ask the same of another mask of the text."""
    core, theme = interaction.client.core, ViewState.parse(press.detail).theme
    if not press.value.isdecimal():
        raise Expired

    async def asked(result: Ablation) -> Ablation:
        if result.labels:
            raise Expired
        text, model, mask = result.source.text, result.source.model.name, int(press.value[:2])
        return await core.ablate_word(text, mean=result.mean, mask=mask, model=model, tenant=tenant(interaction))

    await _show_changed(interaction, press.key, asked, ViewState(theme=theme))


async def _show_changed(
    interaction: Interaction, key: str, change: Callable[[Ablation], Awaitable[Ablation]], state: ViewState
) -> None:
    """Show in the place of a kept answer without parts of a model what a device says of a changed one."""

    async def find(**deferral: bool) -> Found:
        client = interaction.client
        result = await result_of(interaction, key, **deferral)
        if not isinstance(result, Ablation):
            raise Expired
        client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, **deferral)
        changed = await change(result)
        return client.core.keep(changed), changed, state

    await change_card(interaction, find)
