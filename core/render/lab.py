"""Attention worked out step by step over small matrices, with every number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.lab import MASKED_BELOW
from core.language import ENGLISH, Language
from core.render.kit import cautions, words
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.matrices import Matrix, draw_matrices, extent, flow, named, written
from core.render.kit.palette import Theme
from core.render.kit.view import Picture
from core.results import Drawing, Table, WorkedExercise

_TERMS = 4  # of a sum that is written out
_EVEN = 1e-6  # how far apart weights that are called alike may be


@dataclass(frozen=True, slots=True, eq=False)
class LabView(Picture):
    """Q, K and V, then QKᵀ, the scaling, the mask, the softmax and the output.

    Attributes:
        worked: The steps.
        theme: Dark or light.
        say: The language.
    """

    worked: WorkedExercise
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """Which query looks most at which key, of those that see several."""
        say, weights = self.say, self.worked.weights
        if np.ptp(weights) < _EVEN:
            return say("Every query looks at all keys alike")
        row, column = self._strongest()
        share = written(say, float(weights[row, column]), 3)
        return say("{query} looks most at {key}: {share}", query=named("q", row), key=named("k", column), share=share)

    def draw(self) -> Drawing:
        """Draw the matrices in reading order; the weights have the colours of a heatmap from 0 to 1."""
        say, rows = self.say, flow(self._matrices(), WIDTH - 2 * MARGIN)
        wide, tall = extent(rows)
        notes = (*self._notes(), say(cautions.GIVEN))
        lines = (say("Attention, step by step"), *self._lines())
        canvas, top = draw_frame(Frame(self.finding(), lines, notes, max(WIDTH, wide + 2 * MARGIN), tall, self.theme))
        draw_matrices(canvas, MARGIN, top, rows)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every matrix row by row, the answers first, with all digits that float32 has."""
        say, done = self.say, self.worked
        masked = [] if done.masked is None else [(say("masked"), done.masked)]
        steps = [
            (say("weights"), done.weights),
            (say("output"), done.output),
            ("QKᵀ", done.scores),
            (say("scaled"), done.scaled),
            *masked,
            ("Q", done.query),
            ("K", done.key),
            ("V", done.value),
        ]
        most = max(values.shape[1] for _, values in steps)
        rows = [
            (f"{name} {number}", *(say.number(str(value)) for value in row), *[""] * (most - len(row)))
            for name, values in steps
            for number, row in enumerate(values, 1)
        ]
        return words.table((say("row"), *map(str, range(1, most + 1))), rows)

    def _matrices(self) -> list[Matrix]:
        say, done, depth = self.say, self.worked, self.worked.query.shape[1]
        scaled = say("Scaled: ÷ √{depth} = {root:.3g}", depth=depth, root=math.sqrt(depth))
        masked = [] if done.masked is None else [(say("Masked: −10⁹ where hidden"), done.masked)]
        scores = enumerate([(say("Scores: QKᵀ"), done.scores), (scaled, done.scaled), *masked], 1)
        weights, output = say("Weights: softmax of each row"), say("Output: weights × V")
        return [
            Matrix(say, say("Query Q"), done.query, "q"),
            Matrix(say, say("Key K"), done.key, "k"),
            Matrix(say, say("Value V"), done.value, "v"),
            *(Matrix(say, f"{number}  {step}", values, "q", "k") for number, (step, values) in scores),
            Matrix(say, f"{3 + len(masked)}  {weights}", done.weights, "q", "k", 3, coloured=True),
            Matrix(say, f"{4 + len(masked)}  {output}", done.output, "o", decimals=3),
        ]

    def _lines(self) -> tuple[str, ...]:
        say, done = self.say, self.worked
        count, depth = done.query.shape
        mask = "" if done.masked is None else f" + {say('mask')} · (−10⁹)"
        typed = done.seed is None
        origin = say("typed numbers") if typed else say("random numbers, seed {seed}", seed=str(done.seed))
        return (f"softmax(QKᵀ / √{depth}{mask}) V", f"{count} × {depth} · {origin}")

    def _strongest(self) -> tuple[int, int]:
        """Where the largest weight is, in the rows in which it leaves something over, if there are any."""
        weights = self.worked.weights
        shared = weights.max(axis=1, keepdims=True) < 1
        chosen = np.where(shared, weights, 0) if shared.any() else weights
        row, column = np.unravel_index(int(chosen.argmax()), weights.shape)
        return int(row), int(column)

    def _notes(self) -> Iterator[str]:
        """Follow the strongest weight, and say what is odd."""
        say, done = self.say, self.worked
        row, column = self._strongest()
        pairs = zip(done.query[row].tolist(), done.key[column].tolist(), strict=True)
        products = [f"{_factor(say, left)}·{_factor(say, right)}" for left, right in pairs]
        several = products if len(products) <= _TERMS else [*products[: _TERMS - 1], "…"]
        yield say(
            "Follow {query}·{key}: {products} = {score}; scaled, {scaled}; softmax makes it {share} of the row of "
            "{query}, so {output} takes {share} of {value}.",
            query=named("q", row),
            key=named("k", column),
            products=" + ".join(several),
            score=written(say, done.scores[row, column], 2),
            scaled=written(say, done.scaled[row, column], 2),
            share=written(say, done.weights[row, column], 3),
            output=named("o", row),
            value=named("v", column),
        )
        if done.masked is not None and (done.masked < MASKED_BELOW).all(axis=1).any():
            yield say("Where a row hides every key, −10⁹ stands everywhere and cancels out: the weights are even.")

    def _alt(self) -> str:
        say, done = self.say, self.worked
        return words.alt(
            words.told(self.finding()),
            say("Scaled dot-product attention worked out. {formula}.", formula=" · ".join(self._lines())),
            say("Weights: {listed}.", listed=_listed(say, done.weights, "q")),
            say("Output: {listed}.", listed=_listed(say, done.output, "o")),
            say(cautions.GIVEN),
        )


def _factor(say: Language, value: float) -> str:
    text = written(say, value, 2)
    return f"({text})" if value < 0 else text


def _listed(say: Language, values: words.Floats, letter: str) -> str:
    rows = (" ".join(written(say, value, 3) for value in row) for row in values.tolist())
    return "; ".join(f"{named(letter, number)} {row}" for number, row in enumerate(rows))
