"""Which heads of two models a picture is about."""

from __future__ import annotations

import numpy as np

from core.language import Language
from core.maps.selection import MERGED, ORDINARY, check_head
from core.maps.two_models import Place
from core.render.kit.squares.squares import which_head
from core.render.kit.wording import words
from core.results import AttentionMap, TwoMaps


def check_places(result: TwoMaps, *places: Place) -> None:
    """Refuse a layer or a head that one of two models does not have.

    Raises:
        BadInput: There is none.
    """
    for attention, place in zip(result.maps, places, strict=True):
        check_head(attention.layers, attention.heads, *place)


def weights_at(attention: AttentionMap, place: Place) -> words.Floats:
    """The weights of a head, or of the mean of a layer, float32 ``(N, N)``."""
    layer, head = place
    weights = attention.weights[layer - 1].astype(np.float32)
    return weights.mean(axis=0) if head is None else weights[head - 1]


def heading(
    say: Language, attention: AttentionMap, place: Place, name: str, *, encoder: bool, counted: bool = True
) -> str:
    """Which head of which model, and perhaps how many tokens that has: ``bundled/minilm · layer 4 of 6 · …``."""
    which = which_head(say, attention, place[1])
    where = say("layer {layer} of {layers} · {which}", layer=place[0], layers=attention.layers, which=which)
    named = say("{model}, its encoder", model=name) if encoder else name
    count = [words.count_tokens(say, len(attention.source.tokens))] if counted else []
    return " · ".join([named, where, *count])


def hidden(say: Language, shown: str) -> list[str]:
    """What is hidden or merged."""
    notes = list[str]()
    if shown in ORDINARY:
        notes.append(say("{what}; nothing is normalised anew.", what=say("Special tokens are hidden")))
    if shown in MERGED:
        notes.append(say("Words of several pieces: weights to them are summed, those from them averaged."))
    return notes
