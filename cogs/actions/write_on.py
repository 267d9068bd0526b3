"""What a model wrote goes on: one token or ten more, one fewer, or with other settings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from discord import ui

from cogs.actions.redraw import Found, change_card
from cogs.cards.controls.items import Press
from cogs.cards.controls.writing import SETTINGS, parse_step
from cogs.cards.question import CardQuestion
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction, tenant
from core.errors import Expired
from core.reading.sampling import BOUNDS, read_sampling
from core.results import Sampling, Written

COUNTS = {"likeliest": 1, "draw": 1, "ten": 10, "back": 0}
"""How many tokens a step writes."""

LONGEST_NUMBER = 20
"""Characters of a field."""


async def write_on(interaction: Interaction, press: Press) -> None:
    """Write some more tokens, or take one back."""
    step, theme, _ = parse_step(press.detail)
    text, options = _asked(interaction, press.key)
    written = tuple(options["written"])
    if step == "back":
        options["written"] = written[:-1]
    await _change(interaction, text, theme, **options, count=COUNTS[step], likeliest=step == "likeliest")


async def open_settings(interaction: Interaction, press: Press) -> None:
    """Open a form with temperature, top-k, top-p and seed; `change_settings` is what sending it does."""
    _, options = _asked(interaction, press.key)
    say = interaction.client.language(interaction)
    form = ui.Modal(title=say(SETTINGS), custom_id=f"sampled:{press.key}:{press.detail}")
    for option in BOUNDS:
        box = ui.TextInput[ui.Modal](default=f"{options[option]:.10g}", max_length=LONGEST_NUMBER, required=False)
        form.add_item(ui.Label(text=option, component=box))
    await interaction.response.send_modal(form)
    form.stop()  # discord.py need not remember it: whoever sends it, however late, is answered by its custom_id


async def change_settings(interaction: Interaction, press: Press) -> None:
    """Show what could come next with other settings; what was written stays."""
    text, options = _asked(interaction, press.key)
    if len(press.values) != len(BOUNDS):
        raise Expired("write")
    before = Sampling(**{name: options[name] for name in BOUNDS})
    sampling = read_sampling(dict(zip(BOUNDS, press.values, strict=True)), before)
    await _change(interaction, text, press.detail, **options | asdict(sampling), count=0)


def _asked(interaction: Interaction, key: str) -> tuple[str, dict[str, Any]]:
    """The text of a card, and the options of `Core.write` that gave it.

    Raises:
        Expired: Its result is not kept, and the card itself does not show exactly what was asked.
    """
    core = interaction.client.core
    try:
        result = core.recall(key)
    except Expired:
        return CardQuestion.read(interaction.message).writing(core)
    if not isinstance(result, Written):
        raise Expired("write")
    written = [token.id for token in result.written]
    return result.prompt, {**asdict(result.sampling), "written": written, "model": result.source.model.name}


async def _change(interaction: Interaction, text: str, theme: str, **options: Any) -> None:
    """Let the card, or that person's copy of it, show another answer."""
    client = interaction.client

    async def find(**deferral: bool) -> Found:
        client.core.check("write", text, options["model"], read=not client.acknowledgements.crowded)
        client.limit_rate(interaction)
        await client.acknowledgements.defer(interaction, **deferral)
        result = await client.core.write(text, tenant=tenant(interaction), **options)
        return client.core.keep(result), result, ViewState(theme="light" if theme == "light" else "dark")

    await change_card(interaction, find)
