"""Stops about what a Transformer has around attention: positions, and the block."""

from __future__ import annotations

from cogs.cards.markdown import code_span
from cogs.lessons.stop import Ask, Question, Results, Stop, model_of
from cogs.lessons.words import VASWANI
from core.lab import parse_exercise
from core.language import Language
from core.models.registry import ModelRegistry
from core.render import PositionsView, lab_view
from core.render.kit.words import decimal
from core.results import Positions

LEARNED = "bundled/minilm"
"""A model that adds a vector to each position, for where the host's own has nothing of the kind."""

NEAR, FAR = 1, 32
"""Positions so far apart are compared."""

ALIKE = 0.05
"""Cosines that differ by less are called the same."""


def _computed_and_learned(models: ModelRegistry, _: str) -> tuple[Ask, ...]:
    model = model_of(models, "attention", "encoder", "")
    return Ask("lab", parse_exercise(show="encodings")), Ask("positions", None, {"model": model}, LEARNED)


def _question_of_positions(say: Language, _: str, results: Results) -> Question:
    found: Positions = results[1]
    far = min(FAR, len(found.vectors) - 1)
    near_cosine, far_cosine = found.alike(NEAR), found.alike(far)
    right = 1 if abs(near_cosine - far_cosine) < ALIKE else 2 if near_cosine > far_cosine else 0
    asks = say(
        "{model} has such a vector for each place, too. Which of them are more alike?",
        model=code_span(found.model.name),
    )
    options = (say("Those far apart"), say("No difference"), say("Those of neighbours"))
    shows = say(
        "Their cosine is {near} for neighbours and {far} for places {distance} apart; 1 would be the same.",
        near=decimal(say, near_cosine),
        far=decimal(say, far_cosine),
        distance=far,
    )
    return Question(asks, options, right, shows)


POSITIONS = Stop(
    "positions",
    "Where am I?",
    "Attention by itself does not know in which order words stand: shuffle them, and every word gets the same as "
    "before. So something about its place is added to each word. The picture shows one way that needs no learning, "
    "sines and cosines of several wavelengths; other models learn a vector for each place.",
    plan=_computed_and_learned,
    picture=lambda results, answered: PositionsView(results[1]) if answered else lab_view(results[0]),
    question=_question_of_positions,
    paper=VASWANI,
    section="3.5",
    go_on="lab positions:sinusoidal show:encodings",
)
