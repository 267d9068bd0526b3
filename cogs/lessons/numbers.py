"""Stops about small numbers: what a lab works out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cogs.lessons.stop import Ask, Question, Results, Stop
from cogs.lessons.words import VASWANI
from core.errors import BadInput
from core.lab import Exercise, parse_exercise
from core.language import Language
from core.models.registry import ModelRegistry
from core.render import lab_view
from core.render.kit.words import decimal
from core.takeaway.recipe import read_exercise

NUMBERS = "Your numbers"
"""What people type for these."""

EVEN = 1e-6
"""Weights that differ by less are the same."""


def exercise_of(text: str) -> Exercise:
    """An exercise as it is typed: options of /lab, or a matrix that is query, key and value.

    Raises:
        BadInput: It is neither, or more than attention itself is asked for.
    """
    exercise = read_exercise(text) if ":" in text else parse_exercise(query=text)
    if exercise.block or exercise.encodings or exercise.against:
        raise BadInput("Here attention alone is worked out, in one way: leave out `show:` and `against:`.")
    return exercise


def _twice(_: ModelRegistry, text: str) -> tuple[Ask, ...]:
    """The exercise, and the same with scores twice as large."""
    exercise = exercise_of(text)
    scale = exercise.scale if exercise.scale is not None else exercise.kind == "scaled"
    factor = float(scale) if not isinstance(scale, bool) else 1 / math.sqrt(exercise.sizes[0][1]) if scale else 1.0
    options: dict[str, Any] = {**exercise.options, "scale": repr(2 * factor)}
    doubled = parse_exercise(**options)
    return Ask("lab", exercise), Ask("lab", doubled)


def _question_of_scores(say: Language, _: str, results: Results) -> Question:
    first, doubled = (worked.weights.reshape(-1, *worked.weights.shape[-2:])[0, 0] for worked in results)
    change = float(doubled.max() - first.max())
    right = 2 if abs(change) < EVEN else 0 if change > 0 else 1
    named = results[0].names[0]
    row = named[0] if named else "q₁"
    asks = say("If every score were twice as large, what would become of the weights of {row}?", row=row)
    options = (say("The largest one grows"), say("They become more alike"), say("They stay as they are"))
    shows = say(
        "The largest weight of {row} goes from {before} to {after}.",
        row=row,
        before=decimal(say, float(np.max(first)), 3),
        after=decimal(say, float(np.max(doubled)), 3),
    )
    return Question(asks, options, right, shows)


QUERY_KEY_VALUE = Stop(
    "qkv",
    "Query, key, value",
    "Each row asks with a query and offers a key: the product of the two, the score, says how well they fit. A softmax "
    "makes weights of a row's scores, which add up to 1. The output is the rows of V, mixed in these shares.",
    plan=_twice,
    picture=lambda results, answered: lab_view(results[answered]),
    question=_question_of_scores,
    paper=VASWANI,
    section="3.2.1",
    go_on="lab {text}",
    examples={"en": "shape:3 4 seed:42"},
    typed=NUMBERS,
)
