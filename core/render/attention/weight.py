"""How one attention weight was made: query times key, dimension by dimension, up to the softmax beside other keys."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.maps.selection import check_token
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.dot_product import DotProduct
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.render.kit.wording.scores import number
from core.results import AttentionRow, Drawing, Table

MOST_KEYS = 6
"""With a bar of their own."""

_STEP, _LETTERS = 36, 24  # pixels


@dataclass(frozen=True, slots=True, eq=False)
class WeightView(Picture):
    """One weight in the making.

    Attributes:
        result: The row of weights that it belongs to.
        position: The token looked at, from 0; ``None`` for the word that is looked at most.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such token.
    """

    result: AttentionRow
    position: int | None = None
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        check_token(self.result.looked_at, self.key)

    @property
    def key(self) -> int:
        """The token looked at, from 0."""
        return self.result.most_looked_at if self.position is None else self.position

    def finding(self, quote: words.Quote | None = None) -> str:
        """The whole way in one line: dimensions for and against, their sum, the scaled score, the weight."""
        say, products, named = self.say, self._products, quote or words.quoting(self.say)
        told = {"word": named(self._looking), "other": named(labels(self.result.looked_at)[self.key].spoken)}
        if self._is_hidden:
            return say("{word} cannot see {other}: it is hidden, so its weight is 0", **told)
        return say(
            "{word} · {other}: {together} dimensions pull together, {against} against: {sum} → {share} of the row",
            together=int((products > 0).sum()),
            against=int((products < 0).sum()),
            sum=self._sum(),
            share=words.percent(say, float(self.result.weights[self.key])),
            **told,
        )

    def draw(self) -> Drawing:
        """Draw the largest products as signed bars, their sum, and the softmax."""
        say, dimensions, chart = self.say, self._dimensions(), Chart.of([self._softmax()])
        steps, last = self._steps(), self._passed_on()
        height = dimensions.height + chart.height + (len(steps) + len(last)) * _STEP
        frame = Frame(self.finding(), (self._where(),), self._notes(), WIDTH, height, self.theme)
        canvas, top = draw_frame(frame)
        dimensions.draw(say, canvas, top)
        top = _draw_steps(canvas, top + dimensions.height, steps)
        chart.draw(say, canvas, top)
        _draw_steps(canvas, top + chart.height, last)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every dimension."""
        say, query, key = self.say, self.result.query, self.result.key[self.key]
        rows = (
            (str(n), *(number(say, float(value)) for value in values))
            for n, values in enumerate(zip(query, key, self._products, strict=True), 1)
        )
        return words.table((say("dimension"), say("query"), say("key"), say("product")), rows)

    @property
    def _products(self) -> np.ndarray:
        return self.result.products[self.key]

    @property
    def _is_hidden(self) -> bool:
        return math.isinf(self.result.added[self.key])

    @property
    def _looking(self) -> str:
        return labels(self.result.queries)[self.result.position].spoken

    def _dimensions(self) -> DotProduct:
        return DotProduct(self.result.query, self.result.key[self.key])

    def _sum(self) -> str:
        """``20.98 ÷ √32 = 3.71``; of a model that scales before, or adds a bias, the same with what it does."""
        say, row, added = self.say, self.result, float(self.result.added[self.key])
        parts = [_brief(say, float(self._products.sum()))]
        if row.is_divided_by_root:
            parts.append(f"÷ √{row.width}")
        elif row.scale != 1:
            parts.append(f"× {number(say, row.scale)}")
        if added:
            parts.append(f"{'−' if added < 0 else '+'} {_brief(say, abs(added))}")
        return " ".join([*parts, *(["=", _brief(say, float(row.scores[self.key]))] if len(parts) > 1 else [])])

    def _where(self) -> str:
        say, row = self.say, self.result
        place = say("Layer {layer}, head {head}", layer=row.layer + 1, head=row.head + 1)
        return f"{place} · d = {row.width} · {row.source.model.name}"

    def _steps(self) -> list[tuple[str, str]]:
        """What becomes of the sum, up to what the softmax is given."""
        say, row, added = self.say, self.result, float(self.result.added[self.key])
        whole = float(self._products.sum())
        steps = [(say("Sum of all {count} products", count=row.width), number(say, whole))]
        if row.is_divided_by_root:
            steps.append((say("Divided by √{width}", width=row.width), number(say, row.scale * whole)))
        elif row.scale != 1:
            steps.append((say("Times {scale}", scale=number(say, row.scale)), number(say, row.scale * whole)))
        if self._is_hidden:
            return [*steps, (say("Hidden: whatever comes out, it gets nothing"), "−∞")]
        if added:
            amount = words.precise(say, added)
            steps.append((say("With {amount} for their positions", amount=amount), number(say, row.scores[self.key])))
        return steps

    def _softmax(self) -> Group:
        """The keys with the largest weights, this one among them."""
        say, row, palette, names = self.say, self.result, colours(self.theme), labels(self.result.looked_at)
        order = np.argsort(-row.weights, kind="stable").tolist()
        shown = [key for key in order[:MOST_KEYS] if row.weights[key] > 0]
        if self.key not in shown:
            shown = [*shown[: MOST_KEYS - 1], self.key]
        bars = [
            Bar(
                f"{_brief(say, float(row.scores[key]))} · {names[key].numbered}",  # a minus may turn behind Hebrew
                float(row.weights[key]),
                palette.second if key == self.key else palette.bar,
            )
            for key in shown
        ]
        return Group(say("The softmax of these scores, beside the other keys"), bars, len(order) - len(shown))

    def _passed_on(self) -> list[tuple[str, str]]:
        """How long a vector that weight passes on."""
        say, row = self.say, self.result
        if row.norms is None:
            return []
        length, weight = float(row.norms[self.key]), float(row.weights[self.key])
        said = say("Times the length of its value, {length}", length=number(say, length))
        return [(said, number(say, length * weight))]

    def _notes(self) -> tuple[str, ...]:
        say = self.say
        signs = say("Plain: query and key have the same sign there; hatched: opposite signs.")
        undivided = say("This model does not divide by √d here: it scales queries or keys before, or not at all.")
        return (signs, *([undivided] if self.result.scale == 1 else []), say(cautions.DIMENSIONS))

    def _alt(self) -> str:
        say, row, names = self.say, self.result, labels(self.result.looked_at)
        largest = ", ".join(
            f"{n + 1}: {words.precise(say, float(self._products[n]))}" for n in self._dimensions().strongest
        )
        order = np.argsort(-row.weights, kind="stable").tolist()[:5]
        keys = ", ".join(f"{names[key].spoken} {words.percent(say, float(row.weights[key]))}" for key in order)
        return words.alt(
            words.told(self.finding()),
            words.told(self._where()),
            say("Largest products, by dimension: {listed}.", listed=largest),
            *(words.told(f"{said}: {amount}") for said, amount in self._steps()),
            say("Weights of the row: {listed}.", listed=keys),
            *(words.told(f"{said}: {amount}") for said, amount in self._passed_on()),
            words.text_told(say, row.source.text),
            say(cautions.DIMENSIONS),
        )


def _brief(say: Language, value: float) -> str:
    """``−3.71``."""
    return say.number(f"{value:z.2f}").replace("-", "−").replace("inf", "∞")


def _draw_steps(canvas: Canvas, top: int, steps: list[tuple[str, str]]) -> int:
    """Write what is done, and what comes of it; return where they end."""
    for place, (said, amount) in enumerate(steps, 1):
        y = top + place * _STEP - 11
        canvas.write(MARGIN, y, line(said, _LETTERS), canvas.colours.dim)
        canvas.write(WIDTH - MARGIN, y, line(amount, _LETTERS), align="right")
    return top + len(steps) * _STEP
