"""Which heads of two models a picture is about."""

from __future__ import annotations

import numpy as np

from core.language import Language
from core.maps.selection import MERGED, ORDINARY
from core.maps.two_models import Place
from core.render.kit import words
from core.render.kit.squares import which_head
from core.results import AttentionMap


def from_zero(place: tuple[int, int | None]) -> Place:
    """A layer and a head as arrays count."""
    layer, head = place
    return layer - 1, None if head is None else head - 1


def weights_at(attention: AttentionMap, place: Place) -> words.Floats:
    """The weights of a head, or of the mean of a layer, float32 ``(N, N)``."""
    layer = attention.weights[place[0]].astype(np.float32)
    return layer.mean(axis=0) if place[1] is None else layer[place[1]]


def heading(
    say: Language, attention: AttentionMap, place: Place, name: str, *, encoder: bool, counted: bool = True
) -> str:
    """Which head of which model, and perhaps how many tokens that has: ``bundled/minilm · layer 4 of 6 · …``."""
    which = which_head(say, attention, place[1])
    where = say("layer {layer} of {layers} · {which}", layer=place[0] + 1, layers=attention.layers, which=which)
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
