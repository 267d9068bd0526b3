"""Attention of a text, or of what a recipe says that was written in its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cogs.cards.attention_views import ATTENTION_VIEWS, check_text
from cogs.cards.view_state import MAPS, THEMES, TOKENS, ViewState
from cogs.requests.answering import answer
from cogs.requests.bot_base import Interaction
from core.errors import BadInput
from core.takeaway import recipe


async def answer_attention(
    interaction: Interaction, text: str, *, model: str = "", private: bool = False, **state: Any
) -> None:
    """Answer with the attention of a text; a recipe says itself of which model, and how to look at it."""
    if made := recipe.parse_recipe(text, interaction.client.core.models):
        text, model, state = made["text"], made["model"], view_state_of(made)
    check_text(text, ViewState(**{name: value for name, value in state.items() if value is not None}))
    await answer(interaction, "attention", text, model=model, private=private, **state)


def view_state_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a `ViewState` that a recipe chooses; `ViewState.to_recipe` wrote them.

    Raises:
        BadInput: There is no such choice.
    """
    known: dict[str, tuple[str, Container[str]]] = {
        "view": ("kind", ATTENTION_VIEWS),
        "shown": ("shown", TOKENS),
        "side": ("side", MAPS),
        "theme": ("theme", THEMES),
    }
    names = {name: recipe[said] for said, (name, _) in known.items() if said in recipe}
    numbers = {name: recipe[name] for name in ("layer", "head", "token") if name in recipe}
    fits = all(
        isinstance(recipe[said], str) and recipe[said] in of for said, (_, of) in known.items() if said in recipe
    )
    if not fits or not all(type(number) is int and number > 0 for number in numbers.values()):
        raise BadInput("That recipe is damaged: copy it again from where it was made.")
    return {**names, **{name: number - 1 for name, number in numbers.items()}}
