"""The one way of a request: refuse what is cheap to refuse, defer, ask the core, answer once."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import fields, replace
from typing import Any

from cogs.cards.audience import Audience
from cogs.cards.card import Card, card_of
from cogs.cards.sides import initial_state
from cogs.cards.view_state import ViewState, counted
from cogs.requests.audience import audience_of
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.progress import progress_notice
from core import Core
from core.commands import IN_TURNS, TWO_MODELS, command_of
from core.language import Language
from core.results import AttentionMap, Result, TwoMaps


async def answer(
    interaction: Interaction,
    command: str,
    text: str,
    *,
    model: str = "",
    theme: str = "",
    private: bool | None = False,
    **options: Any,
) -> None:
    """Answer a command with its card. Whatever it raises is reported by the caller's error handler.

    Args:
        interaction: A command or a pressed control.
        command: A command, or what goes deeper into one: see `core.commands`.
        text: What the person wrote.
        model: Which model to ask; the command's own here if empty.
        theme: Of the picture; the server's or the person's own if empty.
        private: Whether only that person sees the answer; as the server has it if nothing is said.
        options: Options of the command, and attributes of a `ViewState`, or `choose`: the whole one that a result gets.
    """
    client = interaction.client
    client.track(interaction)
    model = model or client.models(interaction).get(command_of(command)).name
    private = client.private(interaction, private)
    asked = {name: options[name] for name in ("others", "other", "compare") if name in options}
    layer, head = (counted(options.get(name)) for name in ("layer", "head"))
    client.core.check(command, text, model, read=not client.acknowledgements.crowded, **asked, layer=layer, head=head)
    client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, thinking=True, ephemeral=private)
    by, audience = tenant(interaction), audience_of(interaction, private=private)
    say = client.language(interaction, public=audience == "owned")
    options["theme"] = theme or client.theme(interaction)
    models = [name for name in (model, options.get("other")) if name]
    async with progress_notice(interaction, say, command, *models) as waiting:
        options |= {"progress": waiting} if command in IN_TURNS else {}
        card = await ask(client.core, say, command, text, tenant=by, audience=audience, model=model, **options)
    await interaction.edit_original_response(content=None, view=card, attachments=card.files())


async def answer_of_both(interaction: Interaction, command: str, text: str, other: str, **options: Any) -> None:
    """The same of a second model, too, if one is named; a way other than a command asks only one."""
    if other:
        await answer(interaction, TWO_MODELS[command], text, other=other, **options)
    else:
        await answer(interaction, command, text, **options)


async def ask(
    core: Core, say: Language, command: str, text: str, tenant: Hashable, audience: Audience = "alone", **options: Any
) -> Card:
    """Run a command and make the card of its answer, in a language, for whoever will see it."""
    wanted = {field.name: options.pop(field.name, None) for field in fields(ViewState)}
    chosen = {name: value for name, value in wanted.items() if value is not None}
    word, choose = options.pop("word", ""), options.pop("choose", None)
    result: Result = await getattr(core, command)(text, tenant=tenant, **options)
    if choose:
        state = await asyncio.to_thread(choose, result)
        return await card_of(core, say, core.keep(result), result, state, audience)
    state = ViewState(**chosen)
    placed = bool(chosen.keys() & {"layer", "head"})
    if isinstance(result, AttentionMap | TwoMaps) and (word or not placed):
        found = await asyncio.to_thread(initial_state, result, state.side, word)
        given = chosen | {"layer": state.layer, "head": state.head} if placed else chosen
        state = replace(found, **given)
    return await card_of(core, say, core.keep(result), result, state, audience)
