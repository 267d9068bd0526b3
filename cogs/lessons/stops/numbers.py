"""Stops about small numbers: what a lab works out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cogs.cards.markdown import word_span
from cogs.lessons.stop import Ask, Question, Results, Stop
from cogs.lessons.stops.words import VASWANI
from core.errors import BadInput
from core.lab import SEEDS, Exercise, parse_exercise
from core.language import Language
from core.models.registry import ModelRegistry
from core.render import SaturationView, lab_view
from core.render.kit.wording.words import decimal
from core.results import Saturation
from core.takeaway.recipe import read_exercise

NUMBERS = "Your numbers"
"""What people type for the arithmetic of attention."""

SEED = "Your seed"
"""What they type where numbers are random, and many."""

EVEN = 1e-6
"""Weights that differ by less are the same."""


def _named(text: str) -> str:
    """A seed as it is typed, with or without its name."""
    return text.removeprefix("seed:").strip()


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
    doubled = {**exercise.options, "scale": repr(2 * factor)}
    return Ask("lab", exercise), Ask("lab", replace(exercise, scale=2 * factor, options=doubled))


def _question_of_scores(say: Language, _: str, results: Results) -> Question:
    first, doubled = (worked.weights.reshape(-1, *worked.weights.shape[-2:])[0, 0] for worked in results)
    change = float(doubled.max() - first.max())
    right = 2 if abs(change) < EVEN else 1 if change > 0 else 0
    named = results[0].names[0]
    row = word_span(named[0]) if named else "q₁"
    asks = say("If every score were twice as large, what would become of the weights of {row}?", row=row)
    options = (say("They become more alike"), say("The largest one grows"), say("They stay as they are"))
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
    go_on="lab {exercise}",
    examples={"en": "shape:3 4 seed:42"},
    typed=NUMBERS,
)


def _with_and_without(_: ModelRegistry, text: str) -> tuple[Ask, ...]:
    """Undivided scores of short rows, and what becomes of them as rows get longer."""
    typed = _named(text)
    if not typed.isdecimal() or int(typed) >= SEEDS:
        raise BadInput("A seed goes from 0 to {most:,}: choose one of these.", most=SEEDS - 1)
    small = parse_exercise(shape="4 4", seed=int(typed), scale="off")
    return Ask("lab", small), Ask("saturation", None, {"seed": int(typed)})


def _question_of_depth(say: Language, _: str, results: Results) -> Question:
    found: Saturation = results[1]
    plain, scaled = (bits.mean(axis=1).tolist() for bits in found.bits)
    change, most = plain[-1] - plain[0], math.log2(found.plain.shape[-1])
    right = 0 if abs(change) < most / 10 else 2 if change < 0 else 1
    asks = say(
        "Not divided, and with rows of {last} numbers in place of {first}: what becomes of such weights?",
        first=found.depths[0],
        last=found.depths[-1],
    )
    options = (say("They stay as they are"), say("They become more alike"), say("One key gets nearly all"))
    shows = say(
        "Their entropy goes from {before} to {after} bits, where {most} would be an even spread. Divided by √d it goes "
        "from {scaled_before} to {scaled_after}.",
        before=decimal(say, plain[0]),
        after=decimal(say, plain[-1]),
        most=decimal(say, most, 0),
        scaled_before=decimal(say, scaled[0]),
        scaled_after=decimal(say, scaled[-1]),
    )
    return Question(asks, options, right, shows)


SCALING = Stop(
    "scaling",
    "Why divide by √d",
    "A product of a query and a key is a sum with a term for each of their d numbers, so with more numbers it gets "
    "larger, up or down. In the picture the scores of rows of 4 numbers go into the softmax as they are. What does it "
    "make of larger ones?",
    plan=_with_and_without,
    picture=lambda results, answered: SaturationView(results[1]) if answered else lab_view(results[0]),
    question=_question_of_depth,
    paper=VASWANI,
    section="3.2.1",
    go_on="lab {exercise}",
    examples={"en": "seed:42"},
    typed=SEED,
)
