"""The answer to a text, or to what a recipe says that was written in its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cogs.cards.attention_views import ATTENTION_VIEWS, check_text
from cogs.cards.view_state import MAPS, THEMES, TOKENS, ViewState
from cogs.requests.answering import answer
from cogs.requests.bot_base import Interaction
from core.errors import BadInput
from core.maps.word_links import check_word
from core.reading.separators import split_versions
from core.takeaway import recipe

DAMAGED = "That recipe is damaged: copy it again from where it was made."
"""Of a recipe that nothing can be made of."""


async def answer_attention(
    interaction: Interaction, text: str, *, model: str = "", private: bool | None = False, word: str = "", **state: Any
) -> None:
    """Answer with the attention of a text; a recipe says itself of which model, and how to look at it."""
    if made := recipe.parse_recipe(text, interaction.client.core.models):
        text, model, state, word = made["text"], made["model"], view_state_of(made), ""
    if word:
        models = interaction.client.models(interaction)
        if len(split_versions(text)) > 1:
            raise BadInput("A difference is not about one word: leave out the word, or the other version of the text.")
        if models.map_size(models.get("attention", model))[0]:  # else a decoder may write what is asked about
            check_word(text, word)
        state["kind"] = state.get("kind") or "token"
        state["token"] = None  # the word says which
    check_text(text, ViewState(**{name: value for name, value in state.items() if value is not None}))
    await answer(interaction, "attention", text, model=model, private=private, word=word, **state)


async def answer_unmask(
    interaction: Interaction,
    text: str,
    *,
    targets: str = "",
    top: int = 5,
    model: str = "",
    theme: str = "",
    private: bool | None = False,
) -> None:
    """Answer with the words for the gaps of a text; of two with `VERSUS` between them, with what one gives the other.

    Raises:
        BadInput: A recipe was damaged.
    """
    way, token = "patch" if len(split_versions(text)) > 1 else "unmask", None
    if made := recipe.parse_recipe(text, interaction.client.core.models, "unmask"):
        way, targets, number = made.get("view"), made.get("targets", ""), made.get("followed", 1)
        fits = way in ("lens", "patch") and isinstance(targets, str) and type(number) is int and number > 0
        if not fits or made.get("theme") not in THEMES:
            raise BadInput(DAMAGED)
        text, model, theme, token = made["text"], made["model"], made["theme"], number - 1
    given: dict[str, Any] = {"unmask": {"top": top}, "lens": {"token": token}, "patch": {}}[str(way)]
    await answer(interaction, str(way), text, model=model, theme=theme, private=private, compare=targets, **given)


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
        raise BadInput(DAMAGED)
    return {**names, **{name: number - 1 for name, number in numbers.items()}}
