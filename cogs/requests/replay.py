"""The answer to a text, or what could come behind it; or to what a recipe says that was written in its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cogs.cards.attention_views import ATTENTION_VIEWS, check_text
from cogs.cards.sides import IN_BOTH, SWAPPED
from cogs.cards.two_models import check_beside
from cogs.cards.view_state import MAPS, THEMES, TOKENS, ViewState
from cogs.requests.answering import answer, answer_of_both
from cogs.requests.bot_base import Interaction
from core.errors import BadInput
from core.maps.word_links import check_word
from core.reading.sampling import BOUNDS
from core.reading.separators import VERSUS, split_versions
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR
from core.takeaway import recipe

DAMAGED = "That recipe is damaged: copy it again from where it was made."
"""Of a recipe that nothing can be made of."""

COUNTED = ("layer", "head", "token")
"""What a recipe counts from 1."""

MOST = 9999
"""More layers, heads or tokens than there are anywhere; longer numbers would not fit into the custom_ids of a card."""


async def answer_attention(
    interaction: Interaction,
    text: str,
    *,
    second: str = "",
    against: str = "",
    model: str = "",
    other: str = "",
    private: bool | None = False,
    word: str = "",
    **state: Any,
) -> None:
    """Answer with the attention of a text, of a pair, or of what changes from one to another.

    A recipe says itself of which models, and how to look at it, where nothing else was typed beside it.
    """
    if made := recipe.parse_recipe(text, interaction.client.core.models):
        typed = {name: value for name, value in state.items() if value not in (None, "")}
        text, model, state = made["text"], model or made["model"], view_state_of(made) | typed
        other = other or made.get("with", "")
    versions = [f"{one} {PAIR_SEPARATOR} {second}" if second else one for one in (text, against) if one]
    text = f" {VERSUS} ".join(versions)
    if word:
        models = interaction.client.models(interaction)
        if len(split_versions(text)) > 1:
            raise BadInput("A difference is not about one word: leave out the word, or the other version of the text.")
        if models.map_size(models.get("attention", model))[0]:  # else a decoder may write what is asked about
            check_word(text, word)
        state["kind"] = state.get("kind") or (IN_BOTH if other else "token")
        state["token"] = None  # the word says which
    seen = ViewState(**{name: value for name, value in state.items() if value is not None})
    if other:
        check_beside(seen.kind)
    check_text(text, seen)
    await answer_of_both(interaction, "attention", text, other, model=model, private=private, word=word, **state)


async def answer_unmask(
    interaction: Interaction,
    text: str,
    *,
    against: str = "",
    targets: str = "",
    top: int = 5,
    model: str = "",
    other: str = "",
    theme: str = "",
    private: bool | None = False,
) -> None:
    """Answer with the words for the gaps of a text, or with which parts of the run over another bring its answer there.

    A recipe says itself of which model, and how to look at it, where nothing else was typed beside it.

    Raises:
        BadInput: A recipe was damaged, or a second model is named where only one can be asked.
    """
    made, number = recipe.parse_recipe(text, interaction.client.core.models, "unmask"), None
    if made:
        named, number = made.get("targets", ""), made.get("followed", 1)
        fits = made.get("view") in ("lens", "patch") and isinstance(named, str) and type(number) is int and number > 0
        if not fits or made.get("theme") not in tuple(THEMES):
            raise BadInput(DAMAGED)
        text, model, theme = made["text"], model or made["model"], theme or made["theme"]
        targets, number = targets or named, number - 1
    text = f"{text} {VERSUS} {against}" if against else text
    way = "patch" if len(split_versions(text)) > 1 else "lens" if made else "unmask"
    given: dict[str, Any] = {"unmask": {"top": top}, "lens": {"token": number}}.get(way, {})
    if other and way != "unmask":
        raise BadInput("Two models are compared on one text: leave out `with:`, or `against:`.")
    options = {"model": model, "theme": theme, "private": private, "compare": targets, **given}
    await answer_of_both(interaction, way, text, other, **options)


async def answer_writing(
    interaction: Interaction,
    text: str,
    *,
    model: str = "",
    theme: str = "",
    private: bool | None = False,
    **sampling: float | None,
) -> None:
    """Answer with what could come behind a text.

    A recipe says itself what was written, of which model and how, where nothing else was typed beside it; another
    model begins anew.
    """
    options: dict[str, Any] = {name: value for name, value in sampling.items() if value is not None}
    if made := recipe.parse_recipe(text, interaction.client.core.models, "write"):
        text, options = made["text"], _writing_of(made) | options
        if model not in ("", made["model"]):
            options["written"] = ()
        model = model or made["model"]
    await answer(interaction, "write", text, model=model, theme=theme, private=private, count=0, **options)


def _writing_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The options of `Core.write` that a recipe chooses.

    Raises:
        BadInput: There is no such choice.
    """
    written, numbers = recipe.get("written", []), {name: recipe[name] for name in BOUNDS if name in recipe}
    fits = isinstance(written, list) and all(type(id) is int and id >= 0 for id in written)
    if not fits or not all(type(number) in (int, float) for number in numbers.values()):
        raise BadInput(DAMAGED)
    return {**numbers, "written": tuple(written)}


def view_state_of(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a `ViewState` that a recipe chooses; `ViewState.to_recipe` wrote them.

    Raises:
        BadInput: There is no such choice.
    """
    known: dict[str, tuple[str, Container[str]]] = {
        "view": ("kind", ATTENTION_VIEWS),
        "shown": ("shown", TOKENS),
        "side": ("side", {*MAPS, *SWAPPED}),
        "theme": ("theme", THEMES),
    }
    names = {name: recipe[said] for said, (name, _) in known.items() if said in recipe}
    counted = {"with_layer": "other_layer", "with_head": "other_head", **{name: name for name in COUNTED}}
    numbers = {name: recipe[said] for said, name in counted.items() if said in recipe}
    fits = all(
        isinstance(recipe[said], str) and recipe[said] in of for said, (_, of) in known.items() if said in recipe
    )
    least = {"other_head": 0}  # the mean, where the first model's is one head
    if not fits or not all(
        type(number) is int and least.get(name, 1) <= number <= MOST for name, number in numbers.items()
    ):
        raise BadInput(DAMAGED)
    return {**names, **{name: number - 1 for name, number in numbers.items()}}
