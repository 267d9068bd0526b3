"""How a stop is worked out: asked once for each text and its models, then drawn from what is kept."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from cogs.cards.markdown import code_span, strip_invisible
from cogs.lessons.stop import Ask, Results, Stop
from cogs.requests.bot_base import Interaction, tenant
from cogs.requests.progress import progress_notice
from core import Core
from core.commands import COMMANDS, FOLLOW_UPS
from core.errors import BadInput, Expired

LONGEST = 200
"""Characters of what people type for a stop: its card shows all of them, and is where they are read again."""


AT_ONCE = ("saturation",)
"""What is worked out without a queue, so that it is of no interest for whom."""


def clean(typed: str) -> str:
    """What was typed, as a card can show it exactly: on one line, without signs that cannot be seen.

    Raises:
        BadInput: There is nothing, or too much.
    """
    text = strip_invisible(typed).replace("`", "ˋ")
    if not text:
        raise BadInput("That text is empty: write a sentence.")
    if len(text) > LONGEST:
        raise BadInput(
            "That text has {count:,} characters and at most {most:,} are read: shorten it.",
            count=len(text),
            most=LONGEST,
        )
    return text


def shown(text: str) -> str:
    """The text of a stop as its card shows it: all of it."""
    return code_span(text, LONGEST)


def check_stop(interaction: Interaction, stop: Stop, text: str) -> tuple[Ask, ...]:
    """What a stop asks about a text, unless that can be refused without waiting for anything.

    Raises:
        CoreError: It can.
    """
    client = interaction.client
    plan, read = stop.plan(client.models(interaction), text), not client.acknowledgements.crowded
    for ask in plan:
        if ask.way in (*COMMANDS, *FOLLOW_UPS):
            checked = {name: ask.options[name] for name in ("others",) if name in ask.options}
            client.core.check(ask.way, ask.asked, ask.options.get("model", ""), read=read, **checked)
    return plan


async def results_of(interaction: Interaction, stop: Stop, text: str, **deferral: bool) -> Results:
    """What a stop is made of: kept results, or the answers of devices, which are kept.

    Args:
        interaction: Who asks.
        stop: Which stop.
        text: What it is about; nothing of one that is about no text.
        deferral: How to defer if it takes longer, as for `discord.InteractionResponse.defer`.
    """
    client, plan = interaction.client, check_stop(interaction, stop, text)
    models = (str(ask.options.get("model", "")) for ask in plan)
    keys = ["\0".join([stop.key, str(number), text, *models]) for number in range(len(plan))]
    try:
        return tuple(map(client.core.recall, keys))
    except Expired:
        client.limit_rate(interaction)
    await client.acknowledgements.defer(interaction, **deferral)
    async with _notice(interaction, plan) if deferral.get("thinking") else nullcontext():
        found = await asyncio.gather(*(_ask(client.core, ask, interaction) for ask in plan))
    for key, result in zip(keys, found, strict=True):
        client.core.keep(result, key)
    return tuple(found)


def _notice(interaction: Interaction, plan: tuple[Ask, ...]) -> AbstractAsyncContextManager[None]:
    """Tells who waits for the first model of a plan that it is loaded, where that takes long."""
    asked = next((ask for ask in plan if ask.way in COMMANDS), None)
    say = interaction.client.language(interaction)
    return progress_notice(interaction, say, asked.way, str(asked.options["model"])) if asked else nullcontext()


async def _ask(core: Core, ask: Ask, interaction: Interaction) -> Any:
    asked, who = (
        () if ask.asked is None else (ask.asked,),
        {} if ask.way in AT_ONCE else {"tenant": tenant(interaction)},
    )
    try:
        return await getattr(core, ask.way)(*asked, **who, **ask.options)
    except BadInput:
        if not ask.instead:
            raise
        return await getattr(core, ask.way)(*asked, **who, **{**ask.options, "model": ask.instead})
