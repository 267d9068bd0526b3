"""Which action a control or a form stands for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cogs.actions.ask_again import run_command, run_swapped, run_with_spaces, run_without_head
from cogs.actions.downloads import send_files, send_tokens
from cogs.actions.edit import open_typed, run_edited
from cogs.actions.examples import run_example, try_model
from cogs.actions.explain import explain_other
from cogs.actions.learning import (
    answer_own,
    close_stop,
    go_to_stop,
    open_own,
    open_stop,
    predict,
    show_stop_everyone,
    show_stop_table,
)
from cogs.actions.quiz import guess, reveal_round, start_again
from cogs.actions.redraw import change_map, change_models, change_view, show_table, show_view
from cogs.actions.sharing import close_card, open_card, show_everyone
from cogs.actions.switches import choose_mask, switch_head
from cogs.actions.weight import explain_weight
from cogs.actions.what_if import answer_form, open_form
from cogs.actions.write_on import change_settings, open_settings, write_on
from cogs.cards.controls.items import Press
from cogs.cards.view_state import OF_SECOND
from cogs.requests.bot_base import Interaction

Action = Callable[[Interaction, Press], Awaitable[None]]

ACTIONS: dict[str, Action] = {
    "kind": change_view,
    "layer": change_view,
    "head": change_view,
    "token": change_view,
    "shown": change_view,
    "side": change_map,
    "answer": explain_other,
    "rather": explain_other,
    "mask": explain_other,
    "models": change_models,
    **dict.fromkeys(OF_SECOND, change_view),
    "look": show_view,
    "show": show_everyone,
    "open": open_card,
    "close": close_card,
    "numbers": show_table,
    "take": send_files,
    "lens": run_command,
    "listing": send_tokens,
    "made": explain_weight,
    "whatif": open_form,
    "changed": answer_form,
    "write": write_on,
    "sampling": open_settings,
    "sampled": change_settings,
    "matters": run_without_head,
    "off": switch_head,
    "gap": choose_mask,
    "swap": run_swapped,
    "rescue": run_with_spaces,
    "example": run_example,
    "try": try_model,
    "stop": go_to_stop,
    "predict": predict,
    "own": open_own,
    "said": answer_own,
    "stoptext": show_stop_table,
    "showstop": show_stop_everyone,
    "openstop": open_stop,
    "closestop": close_stop,
    "guess": guess,
    "reveal": reveal_round,
    "again": start_again,
    "edit": open_typed,
    "edited": run_edited,
}
"""By the first word of a custom_id."""
