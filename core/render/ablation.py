"""What becomes of an answer without each part of a model: a grid of all heads, and the answers without one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.language import ENGLISH, Language
from core.maps.selection import check_head
from core.render.fillings import display_token
from core.render.kit import cautions, words
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.canvas import Canvas
from core.render.kit.cells import draw_cells, draw_numbers, draw_scale, fits, levels, scale_height
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.palette import Theme, colours, label_colours
from core.render.kit.scores import Scale, amount, change
from core.render.kit.text import line, wrap
from core.render.kit.view import Picture
from core.results import Ablation, Drawing, Guess, HeadsOff, Part, Removal, Table

_LARGEST, _LATTICE, _APART = 76, 2, 6  # pixels: the side of a cell, the lattice in it, and before whole parts
_NUMBERS, _HEADING, _STACK = 24, 34, 42  # pixels for the numbers at the left and above, and for the name of a stack
_TOGETHER, _STEP = 190, 84  # pixels for heads that are off together, and of a bar there
_TALL = 1600  # pixels of all cells
_NUMBER = 30  # pixels for the number of a layer or a head

STACKS = {"encoder": "encoder", "decoder": "decoder", "cross": "cross-attention"}
"""What the stacks of a model with an encoder and a decoder are called."""

WHOLE = {"attention": "A", "feed-forward": "F"}
"""The letters of parts that are no single head."""


@dataclass(frozen=True, slots=True)
class AblationGrid(Picture):
    """What becomes of an answer without each head, and without each whole part of a layer.

    Attributes:
        result: What was found.
        off: The layer and head, from 0, without which the answers are shown; ``None`` for the one that changes most.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: The model has no such layer or head.
    """

    result: Ablation
    off: tuple[int, int] | None = None
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        if self.off:
            first = [one.part for one in self.result.heads if one.part.stack == self.result.heads[0].part.stack]
            check_head(1 + max(part.layer for part in first), 1 + max(part.head or 0 for part in first), *self.off)

    @property
    def removal(self) -> Removal:
        """That of the head that is switched off."""
        if not self.off:
            return self.result.strongest
        return next(one for one in self.result.heads if (one.part.layer, one.part.head) == self.off)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What becomes of the answer without that head."""
        say, result, removal, write = self.say, self.result, self.removal, quote or words.quoting(self.say)
        before, after = self._amount(result.answer), self._amount(removal.answer)
        told = {"part": named(say, removal.part), "answer": self._written(result.answer, write), "after": after}
        if before == after:
            moved = say("Without {part}, {answer} stays at {after}", **told)
        elif result.change(removal) > 0:
            moved = say("Without {part}, {answer} rises from {before} to {after}", before=before, **told)
        else:
            moved = say("Without {part}, {answer} falls from {before} to {after}", before=before, **told)
        best = removal.top[0]
        if best.word == result.answer.word:
            return moved
        then = {"other": self._written(best, write), "chance": self._amount(best)}
        return say("{change}; on top then: {other} ({chance})", change=moved, **then)

    def told(self, removal: Removal, quote: words.Quote) -> str:
        """``72.5% → 13.9% · on top then: city``: what becomes of the answer without a part, in brief."""
        say, best = self.say, removal.top[0]
        moved = f"{self._amount(self.result.answer)} → {self._amount(removal.answer)}"
        if best.word == self.result.answer.word:
            return moved
        return f"{moved} · {say('on top then: {other}', other=self._written(best, quote))}"

    def draw(self) -> Drawing:
        """Draw a cell for every part, and bars of the answers with the whole model and without one head."""
        say, result = self.say, self.result
        chart = Chart.of(self._groups(), Scale.of(result.problem, map(self._value, (*result.top, *self.removal.top))))
        grids = _grids(result)
        side = _side(grids)
        together = _TOGETHER if self._steps else 0
        above = sum(grid.height(side) for grid in grids) + scale_height(WIDTH) + together
        notes = (*self._unwritten(grids, side), say(cautions.STAND_IN), words.model_named(say, result.source.model))
        warnings = words.unknown_words(say, result.source)
        height = above + chart.height
        canvas, top = draw_frame(
            Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, signed=True, warnings=warnings)
        )
        tops, y = self._tops(), top
        for grid in grids:
            self._draw_grid(canvas, y, grid, side, tops)
            y += grid.height(side)
        told = [say("heads: −max to +max, square-root"), say("A and F: up to ±{most}", most=_figure(say, tops[1]))]
        draw_scale(say, canvas, MARGIN, y, tops[0], told)
        if together:
            self._draw_steps(canvas, y + scale_height(WIDTH))
        chart.draw(say, canvas, top + above)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List every part with the answer without it, and what is on top then."""
        say, result = self.say, self.result
        rows = [
            (
                named(say, one.part),
                words.precise(say, result.change(one)),
                self._amount(one.answer),
                change(say, self._value(result.answer), self._value(one.answer), result.problem),
                self._written(one.top[0]),
            )
            for one in result.removals
        ]
        rows += [
            (
                say("{count} heads", count=one.count),
                words.precise(say, one.answer.log_odds - result.answer.log_odds),
                self._amount(one.answer),
                change(say, self._value(result.answer), self._value(one.answer), result.problem),
                self._written(one.top[0]),
            )
            for one in result.together
        ]
        measured = say("number") if result.problem == "regression" else say("log-odds")
        header = (say("without"), measured, result.answer.word.strip(), say("difference"), say("on top then"))
        return words.table(header, rows)

    def _tops(self) -> tuple[float, float]:
        """The largest changes of heads and of whole parts, each with a scale of their own."""
        changes = [(one.part.kind == "head", abs(self.result.change(one))) for one in self.result.removals]
        heads, whole = (max((size for head, size in changes if head == kind), default=0.0) for kind in (True, False))
        return heads, whole

    def _value(self, guess: Guess) -> float:
        return guess.log_odds if self.result.problem == "regression" else guess.probability

    def _amount(self, guess: Guess) -> str:
        return amount(self.say, self._value(guess), self.result.problem)

    def _written(self, guess: Guess, quote: words.Quote = str) -> str:
        """A label as it is, a word as its vocabulary has it."""
        return guess.word if self.result.labels else quote(display_token(guess.word))

    def _groups(self) -> list[Group]:
        say, palette = self.say, colours(self.theme)
        painted = label_colours(self.result.labels, palette)

        def group(heading: str, guesses: Sequence[Guess]) -> Group:
            return Group(
                heading,
                [Bar(self._written(one), self._value(one), painted.get(one.word, palette.bar)) for one in guesses],
            )

        part = named(say, self.removal.part)
        return [
            group(say("The whole model"), self.result.top),
            group(say("Without {part}", part=part), self.removal.top),
        ]

    def _lines(self) -> tuple[str, ...]:
        say, result = self.say, self.result
        answer = self._written(result.answer, words.quoting(say))
        return (
            words.quoted(say, result.source.text),
            " · ".join(filter(None, [self._measured(answer), self._others()])),
            say("Rows: layers · columns: heads · A: all heads of a layer · F: its feed-forward part"),
        )

    def _measured(self, answer: str) -> str:
        """What a number in a cell is."""
        say, result = self.say, self.result
        if result.problem == "regression":
            if result.mean:
                return say("How far the number of {answer} moves with a part's output at its mean", answer=answer)
            return say("How far the number of {answer} moves with a part's output at zero", answer=answer)
        if result.mean:
            return say("How far the log-odds of {answer} move with a part's output at its mean", answer=answer)
        return say("How far the log-odds of {answer} move with a part's output at zero", answer=answer)

    def _others(self) -> str:
        """What any of the other heads leaves of the answer."""
        say, others = self.say, [self._value(one.answer) for one in self.result.heads if one is not self.removal]
        if not others:
            return ""
        least, most = (amount(say, value, self.result.problem) for value in (min(others), max(others)))
        return say("without any other head: {least} to {most}", least=least, most=most)

    def _unwritten(self, grids: Sequence[_Grid], side: int) -> tuple[str, ...]:
        """That cells of that side have no room for numbers."""
        say = self.say
        if all(fits(grid.texts(say, side), side, WIDTH) for grid in grids):
            return ()
        return (say("With so many layers the cells have no room for numbers: “As text” has them."),)

    def _draw_grid(self, canvas: Canvas, y: int, grid: _Grid, side: int, tops: tuple[float, float]) -> None:
        """The heads of one stack, its whole parts behind them, and the head that is switched off in a frame."""
        say, dim, left = self.say, canvas.colours.dim, MARGIN + _NUMBERS
        if grid.stack:
            canvas.write(MARGIN, y + SUBTITLE + 12, line(say(STACKS[grid.stack]), SUBTITLE))
            y += _STACK
        top, texts = y + _HEADING, grid.texts(say, side)
        written = texts if fits(texts, side, WIDTH) else []
        for (first, last), most in zip(((0, grid.heads), (grid.heads, grid.columns)), tops, strict=True):
            x = left + first * side + (_APART if first else 0)
            level = levels(grid.changes[:, first:last], most, signed=True)
            draw_cells(canvas, x, top, level, side, _LATTICE)
            draw_numbers(canvas, x, top, level, side, [row[first:last] for row in written])
        every = -(-_NUMBER // side)
        for head in range(0, grid.heads, every):
            canvas.write(left + head * side + side // 2, top - 8, line(str(head + 1), NOTE), dim, align="middle")
        for column in range(grid.heads, grid.columns):
            letter = line(grid.letters[column - grid.heads], NOTE)
            canvas.write(left + _APART + column * side + side // 2, top - 8, letter, dim, align="middle")
        for layer in range(0, len(grid.changes), every):
            baseline = top + layer * side + side // 2 + 6
            canvas.write(left - 6, baseline, line(str(layer + 1), NOTE), dim, align="right")
        part = self.removal.part
        if part.stack == grid.stack:
            x, y = left + (part.head or 0) * side, top + part.layer * side
            canvas.frame((x - 3, y - 3, x + side + 1, y + side + 1), canvas.colours.text, 3)

    @property
    def _steps(self) -> tuple[HeadsOff, ...]:
        """What is left as more and more heads are off; of a number nothing breaks."""
        return () if self.result.problem == "regression" else self.result.together

    def _held(self) -> str:
        """How many heads can be off together."""
        say, result = self.say, self.result
        told = {"answer": self._written(result.answer, words.quoting(say)), "total": len(result.heads)}
        if not result.holds:
            first = result.together[0].count
            return say("With {count} of {total} heads off, {answer} is no longer on top", count=first, **told)
        return say("{answer} stays on top with up to {count} of {total} heads off", count=result.holds, **told)

    def _draw_steps(self, canvas: Canvas, y: int) -> None:
        """A bar for each number of heads that are off together: the probability of the answer; grey where it lost."""
        say, palette, steps = self.say, canvas.colours, self._steps
        room = WIDTH - 2 * MARGIN
        heading = say("Heads off together, those first that change least · {held}", held=self._held())
        for number, text in enumerate(wrap(heading, room, SUBTITLE, limit=2)):
            canvas.write(MARGIN, y + 32 + number * 30, line(text, SUBTITLE), palette.dim)
        own = label_colours(self.result.labels, palette).get(self.result.answer.word, palette.bar)
        bottom, wide = y + _TOGETHER - 34, room / len(steps)
        for number, one in enumerate(steps):
            left, right = (MARGIN + round(wide * place) for place in (number, number + 1))
            colour = own if one.top[0].word == self.result.answer.word else palette.mark
            canvas.fill((left, bottom - _STEP, right - 3, bottom), palette.track)
            canvas.fill((left, bottom - round(_STEP * one.answer.probability), right - 3, bottom), colour)
        canvas.write(MARGIN, bottom + 24, line(str(steps[0].count), NOTE), palette.dim)
        canvas.write(WIDTH - MARGIN, bottom + 24, line(str(steps[-1].count), NOTE), palette.dim, align="right")

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        strongest = sorted(result.removals, key=lambda one: -abs(result.change(one)))
        heads = [one for one in strongest if one.part.kind == "head"][:6]
        whole = [one for one in strongest if one.part.kind != "head"][:4]
        return words.alt(
            words.told(self.finding()),
            words.told(self._measured(self._written(result.answer, words.quoting(say)))),
            *map(words.told, warnings),
            say("Heads that change most: {listed}.", listed=self._listed(heads)),
            say("Whole parts that change most: {listed}.", listed=self._listed(whole)),
            words.told(self._held()) if self._steps else "",
            words.text_told(say, result.source.text),
            say(cautions.STAND_IN),
        )

    def _listed(self, removals: Sequence[Removal]) -> str:
        say, result = self.say, self.result
        return ", ".join(
            f"{_short(say, one.part)} {words.precise(say, result.change(one))} ({self._amount(one.answer)})"
            for one in removals
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The parts of one stack: how the answer changes without each ``(layers, heads + letters)``."""

    stack: str
    heads: int
    letters: str
    changes: words.Floats

    @property
    def columns(self) -> int:
        """Heads and whole parts of a layer."""
        return self.changes.shape[1]

    def height(self, side: int) -> int:
        """The pixels that it takes with cells of that side."""
        return (_STACK if self.stack else 0) + _HEADING + len(self.changes) * side

    def texts(self, say: Language, side: int) -> list[list[str]]:
        """The numbers in its cells, with as many decimals as there is room for; none for what rounds to zero."""
        texts: list[list[str]] = []
        for decimals in (2, 1, 0):
            rounded = np.round(self.changes.astype(float), decimals).tolist()
            texts = [[words.signed(say, value, decimals) if value else "" for value in row] for row in rounded]
            if fits(texts, side, WIDTH):
                break
        return texts


def named(say: Language, part: Part) -> str:
    """A part in words, counted from 1: ``layer 1, head 4``."""
    told = {"layer": part.layer + 1}
    if part.head is not None:
        name = say("layer {layer}, head {head}", head=part.head + 1, **told)
    elif part.kind == "attention":
        name = say("layer {layer}, all heads", **told)
    else:
        name = say("layer {layer}, feed-forward", **told)
    return f"{say(STACKS[part.stack])}, {name}" if part.stack else name


def _figure(say: Language, value: float) -> str:
    return say.number(f"{value:.2g}")


def _short(say: Language, part: Part) -> str:
    """``1.4``, or ``1.A`` for a whole part."""
    last = WHOLE[part.kind] if part.head is None else str(part.head + 1)
    short = f"{part.layer + 1}.{last}"
    return f"{say(STACKS[part.stack])} {short}" if part.stack else short


def _grids(result: Ablation) -> list[_Grid]:
    stacks = dict.fromkeys(one.part.stack for one in result.removals)
    return [_grid(result, stack) for stack in stacks]


def _grid(result: Ablation, stack: str) -> _Grid:
    rows: dict[int, list[Removal]] = {}
    for one in result.removals:
        if one.part.stack == stack:
            rows.setdefault(one.part.layer, []).append(one)
    heads = sum(one.part.kind == "head" for one in rows[0])
    changes = np.array([[result.change(one) for one in row] for row in rows.values()], np.float32)
    return _Grid(stack, heads, "".join(_letters(rows[0])), changes)


def _letters(row: Sequence[Removal]) -> Iterator[str]:
    yield from (WHOLE[one.part.kind] for one in row if one.part.kind != "head")


def _side(grids: Sequence[_Grid]) -> int:
    """The side of a cell with which all of them fit."""
    across = (WIDTH - 2 * MARGIN - _NUMBERS - _APART) // max(grid.columns for grid in grids)
    down = _TALL // sum(len(grid.changes) for grid in grids)
    return max(4, min(_LARGEST, across, down))
