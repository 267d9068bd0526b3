"""Where am I: how alike the vectors are that a model adds at its positions."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.drawing.palette import Theme
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import EDGE, draw_counted, draw_scale, scale_height
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.results import Drawing, Positions, Table

_LEFT, _LARGEST, _EVERY = 40, 22, 8  # pixels for the numbers at the left, and of a cell; cells from number to number


@dataclass(frozen=True, slots=True, eq=False)
class PositionsView(Picture):
    """A square: how alike each two of the first positions are.

    Attributes:
        result: What the model adds at each.
        theme: Dark or light.
        say: The language.
    """

    result: Positions
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """How alike neighbours are, and positions that are far apart."""
        say, found = self.say, self.result
        far = len(found.vectors) // 2
        return say(
            "How alike positions are: {near} for neighbours, {far} for those {distance} apart",
            near=words.cosine(say, found.alike(1)),
            distance=far,
            far=words.cosine(say, found.alike(far)),
        )

    def draw(self) -> Drawing:
        """Draw the square, orange where two positions are alike, blue where they are opposite."""
        say, cosines = self.say, self.result.cosines
        side = min(_LARGEST, (WIDTH - 2 * MARGIN - _LEFT) // len(cosines))
        height = EDGE + len(cosines) * side + scale_height(WIDTH)
        notes = (self._caution(), words.model_named(say, self.result.model))
        frame = Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, signed=True)
        canvas, top = draw_frame(frame)
        below = draw_counted(canvas, MARGIN + _LEFT, top, cosines, side, _EVERY)
        draw_scale(say, canvas, MARGIN, below, 1, (say("cosine: 1 alike, 0 unrelated, −1 opposite"),))
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """The mean cosine for each distance, and those of the first position."""
        say, cosines = self.say, self.result.cosines
        rows = [
            (str(far), words.cosine(say, self.result.alike(far), 3), words.cosine(say, float(cosines[0, far]), 3))
            for far in range(1, len(cosines))
        ]
        return words.table((say("distance"), say("mean cosine"), say("cosine to position 0")), rows)

    def _caution(self) -> str:
        return self.say(cautions.POSITIONS if self.result.learned else cautions.COMPUTED)

    def _lines(self) -> tuple[str, ...]:
        say, found = self.say, self.result
        return (
            say("Learned: a vector for each position" if found.learned else "Sines and cosines: nothing is learned"),
            say("The first {count} positions, from 0 · title: means over all such pairs", count=len(found.vectors)),
        )

    def _alt(self) -> str:
        say, found = self.say, self.result
        told = ", ".join(
            say("{distance} apart {cosine}", distance=far, cosine=words.cosine(say, found.alike(far)))
            for far in (1, 2, 4, 8, 16, 32)
            if far < len(found.vectors)
        )
        return words.alt(
            words.told(self.finding()),
            *map(words.told, self._lines()),
            words.told(words.opening(told)),
            words.told(words.model_named(say, found.model)),
            self._caution(),
        )
