"""The picture of an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.language import ENGLISH, Language
from core.render.kit.drawing.palette import Theme
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.squares.matrices import Matrix, draw_matrices, extent, fitting
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.lab.names import Followed, Names
from core.render.lab.sentences import found, lines, listed, notes
from core.render.lab.steps import ENCODINGS, LEARNED, SCORES, Layout, kind_name
from core.results import Drawing, Step, Table, WorkedExercise

_TALLEST = 3408  # pixels: eight matrices of eight rows

NAMES = {"scores": "QKᵀ", "query": "Q", "key": "K", "value": "V"} | {name: name for name in LEARNED}
"""Of steps in a table that have no word."""

GIVEN = ("query", "key", "value")
COMPARED = (("mapped_query", "mapped_key", "hidden"), ("scores",), ("scaled",), ("masked",), ("weights",), ("output",))
"""The steps in which two kinds differ: what stands side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class LabView(Picture):
    """Q, K and V, then QKᵀ, the scaling, the mask, the softmax and the output, of every kind and head.

    Attributes:
        worked: The steps.
        theme: Dark or light.
        say: The language.
    """

    worked: WorkedExercise
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """Which query looks most at which key, of those that see several."""
        return found(self.say, self.worked, quote or words.quoting(self.say))

    def draw(self) -> Drawing:
        """Draw the matrices in reading order; the weights have the colours of a heatmap from 0 to 1."""
        say, (rows, left_out) = self.say, self._rows()
        wide, tall = extent(rows)
        more = [say("Left out for room, but in the table: {count}.", count=left_out)] if left_out else []
        told = (*notes(say, self.worked), *more, say(cautions.GIVEN))
        title, width = self.finding(), max(WIDTH, wide + 2 * MARGIN)
        canvas, top = draw_frame(Frame(title, lines(say, self.worked), told, width, tall, self.theme))
        draw_matrices(canvas, MARGIN, top, rows)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List every matrix row by row, the answers first, with all digits that float32 has."""
        say, listed = self.say, list(self._listed())
        most = max(values.shape[1] for _, values in listed)
        rows = [
            (f"{name} {number}", *(say.number(str(value)) for value in row), *[""] * (most - len(row)))
            for name, values in listed
            for number, row in enumerate(values, 1)
        ]
        return words.table((say("row"), *map(str, range(1, most + 1))), rows)

    def _rows(self) -> tuple[list[list[Matrix]], int]:
        """Rows of matrices, and how many there was no room for; those of two kinds stand side by side."""
        groups = list(self._groups())
        rows = fitting(groups, WIDTH - 2 * MARGIN, _TALLEST)
        return rows, sum(map(len, groups)) - sum(map(len, rows))

    def _groups(self) -> Iterator[list[Matrix]]:
        """What begins in a new row: all, or of two kinds what they share and then step by step what they do not."""
        worked = self.worked
        if worked.against is None:
            yield list(self._layout(worked).matrices())
            return
        both = (worked, worked.against)
        shared = {step.name: (done, step) for done in sorted(both, key=_shows_key) for step in done.steps}
        apart = {*ENCODINGS, *(name for names in COMPARED for name in names)}
        yield [self._layout(done).matrix(step) for name, (done, step) in shared.items() if name not in apart]
        for names in COMPARED:
            beside = [(done, step) for name in names for done in both for step in done.steps if step.name == name]
            yield [self._compared(done, step) for done, step in beside]

    def _compared(self, done: WorkedExercise, step: Step) -> Matrix:
        """A step of one of two kinds, in as few decimals as let it stand beside that of the other."""
        layout, kind = self._layout(done), kind_name(self.say, done.kind)
        told = SCORES[done.kind] if step.name == "scores" else self._named(layout, step)
        found = layout.matrix(step, heading=f"{kind}: {told}")
        return found if step.name == "weights" else replace(found, decimals=2)

    def _named(self, layout: Layout, step: Step) -> str:
        """A step in a word or a symbol."""
        say = self.say
        worded = {
            "weights": say("weights"),
            "output": say("output"),
            "scaled": say("scaled"),
            "masked": say("masked"),
        }
        return worded.get(step.name) or NAMES.get(step.name) or layout.heading(step)

    def _layout(self, worked: WorkedExercise) -> Layout:
        """Both kinds follow what the first one follows."""
        return Layout(self.say, worked, Names.of(worked), Followed.of(self.worked))

    def _listed(self) -> Iterator[tuple[str, words.Floats]]:
        """All matrices with their names, the answers first."""
        say = self.say
        for done in filter(None, (self.worked, self.worked.against)):
            kind = f"{kind_name(say, done.kind)}: " if self.worked.against else ""
            for step in sorted(done.steps, key=lambda step: _order(step.name)):
                if step.name in ENCODINGS:
                    continue
                values = step.values.reshape(-1, step.values.shape[-1])
                if done is self.worked or step.name not in GIVEN:
                    head = f"{say('head {head}', head=step.head)} " if step.head else ""
                    yield f"{kind}{head}{self._named(self._layout(done), step)}", values

    def _alt(self) -> str:
        say, worked, names = self.say, self.worked, Names.of(self.worked)
        kinds = [done for done in (worked, worked.against) if done]
        weights = [
            say("Weights: {listed}.", listed=listed(say, names.queries, step.values))
            for done in kinds
            for step in done.steps
            if step.name == "weights"
        ]
        final = worked.step("normed_2") if worked.block else worked.output
        return words.alt(
            words.told(self.finding()),
            say("Attention worked out. {formula}.", formula=" · ".join(lines(say, worked))),
            *weights,
            say("Output: {listed}.", listed=listed(say, names.outputs, worked.output if final is None else final)),
            say(cautions.GIVEN),
        )


def _order(name: str) -> tuple[bool, int]:
    """The answers first, then in the order in which they were worked out."""
    first = ("normed_2", "weights", "output", "scores", "scaled", "masked")
    return (name not in first, first.index(name) if name in first else 0)


def _shows_key(done: WorkedExercise) -> bool:
    """Whether the key is shown as it is multiplied: that is preferred."""
    return done.kind != "additive"
