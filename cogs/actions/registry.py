"""Which action a control stands for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cogs.actions.ask_again import open_form, run_command, run_with_spaces
from cogs.actions.downloads import send_files, send_tokens
from cogs.actions.examples import run_example
from cogs.actions.redraw import change_map, change_view, show_table, show_view
from cogs.cards.controls import Control
from cogs.requests.bot_base import Interaction

Action = Callable[[Interaction, Control], Awaitable[None]]

ACTIONS: dict[str, Action] = {
    "kind": change_view,
    "layer": change_view,
    "head": change_view,
    "token": change_view,
    "shown": change_view,
    "side": change_map,
    "look": show_view,
    "numbers": show_table,
    "take": send_files,
    "lens": run_command,
    "listing": send_tokens,
    "whatif": open_form,
    "rescue": run_with_spaces,
    "example": run_example,
}
"""By the first word of a control's custom_id."""
