"""Another answer explained on the same card, at another mask, or compared with another one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from cogs.actions.redraw import show_card
from cogs.cards.controls.explanation import ALONE
from cogs.cards.controls.items import Press
from cogs.cards.question import CardQuestion, ask_again
from cogs.cards.view_state import ViewState
from cogs.requests.bot_base import Interaction
from core.errors import Expired
from core.results import Explanation


async def explain_other(interaction: Interaction, press: Press) -> None:
    """Ask a device for what was chosen in a select that is named as the option of the question is."""
    state, core = ViewState.parse(press.detail), interaction.client.core
    if press.value != ALONE and not press.value.isdecimal():
        raise Expired
    try:
        result = core.recall(press.key)
        if not isinstance(result, Explanation):
            raise Expired
        asked = ask_again(core, result)
    except Expired:
        asked = CardQuestion.read(interaction.message).again(core)
    if asked.func not in (core.why, core.why_word):
        raise Expired
    options = _changed(asked.keywords, press.action, press.value)
    text, way = asked.args[0], asked.func.__name__
    core.check(way, text, options["model"], read=not interaction.client.acknowledgements.crowded)
    ask = partial(asked.func, text, **options)
    await show_card(interaction, press.key, lambda _: replace(ViewState(), theme=state.theme), ask=ask)


def _changed(options: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """The options of a question with one of them changed; at another mask other answers are likely."""
    number = "" if value == ALONE else int(value)
    changed = {**options, name: number}
    if name == "mask":
        return {**changed, "answer": "", "rather": ""}
    return {**changed, "rather": ""} if name == "answer" and number == options.get("rather") else changed
