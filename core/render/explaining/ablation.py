"""What becomes of an answer without each part of a model: a grid of all heads, and the answers without one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.maps.selection import check_head
from core.render.explaining import heads_off
from core.render.explaining.part_grid import grids_of, largest, named, short, side_of
from core.render.fillings import at_mask, display_token
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.drawing.palette import Theme, colours, label_colours
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.squares.cells import draw_scale, scale_height
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.scores import Scale, amount, change
from core.results import Ablation, Drawing, Guess, HeadsOff, Removal, Table


@dataclass(frozen=True, slots=True)
class AblationGrid(Picture):
    """What becomes of an answer without each head, and without each whole part of a layer.

    Attributes:
        result: What was found.
        off: The layer and head, from 1, without which the answers are shown; ``None`` for the one that changes most.
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
        return next(one for one in self.result.heads if (one.part.layer + 1, (one.part.head or 0) + 1) == self.off)

    def finding(self, quote: words.Quote | None = None) -> str:
        """What becomes of the answer without that head."""
        say, result, write = self.say, self.result, quote or words.quoting(self.say)
        removal = result.picked[-1] if result.picked else self.removal
        before, after = self._amount(result.answer), self._amount(removal.answer)
        told = {"answer": self._written(result.answer, write), "after": after}
        part = self._together() if result.picked else named(say, removal.part)
        if before == after and not self.off and not result.picked:
            moved = say("No head alone changes much: {answer} stays at {after}", **told)
        elif before == after:
            moved = say("Without {part}, {answer} stays at {after}", part=part, **told)
        elif result.change(removal) > 0:
            moved = say("Without {part}, {answer} rises from {before} to {after}", part=part, before=before, **told)
        else:
            moved = say("Without {part}, {answer} falls from {before} to {after}", part=part, before=before, **told)
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
        return f"{moved} · {say('on top then: {other}', other=quote(display_token(best.word)))}"

    def draw(self) -> Drawing:
        """Draw a cell for every part, and bars of the answers with the whole model and without one head."""
        say, result, groups = self.say, self.result, self._groups()
        chart = Chart.of(groups, Scale.of(result.problem, (bar.value for group in groups for bar in group.bars)))
        grids = grids_of(result)
        side = side_of(grids)
        together = heads_off.HEIGHT if self._steps else 0
        above = sum(grid.height(side) for grid in grids) + scale_height(WIDTH) + together
        unwritten = say("With so many layers the cells have no room for numbers: “As text” has them.")
        fitting = all(grid.fits(say, side) for grid in grids)
        notes = (*([] if fitting else [unwritten]), say(cautions.STAND_IN), words.model_named(say, result.source.model))
        warnings = words.unknown_words(say, result.source)
        height = above + chart.height
        canvas, top = draw_frame(
            Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, signed=True, warnings=warnings)
        )
        tops, y = largest(result), top
        for grid in grids:
            grid.draw(say, canvas, y, side, tops, self.removal.part)
            y += grid.height(side)
        told = [
            say("heads: −max to +max, square-root"),
            say("A and F: up to ±{most}", most=say.number(f"{tops[1]:.2g}")),
        ]
        draw_scale(say, canvas, MARGIN, y, tops[0], told)
        if together:
            heads_off.draw_steps(say, canvas, y + scale_height(WIDTH), result, self._held())
        chart.draw(say, canvas, top + above)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List every part with the answer without it, and what is on top then."""
        say, result = self.say, self.result
        rows = [self._row(named(say, one.part), one) for one in result.removals]
        rows += [self._row(say("{count} heads", count=one.count), one) for one in result.together]
        rows += [self._row(f"+ {short(say, one.part)}", one) for one in result.picked]
        measured = say("number") if result.problem == "regression" else say("log-odds")
        header = (say("without"), measured, result.answer.word.strip(), say("difference"), say("on top then"))
        return words.table(header, rows)

    def _row(self, name: str, one: Removal | HeadsOff) -> tuple[str, ...]:
        say, result = self.say, self.result
        return (
            name,
            words.precise(say, result.change(one)),
            self._amount(one.answer),
            change(say, self._value(result.answer), self._value(one.answer), result.problem),
            self._written(one.top[0]),
        )

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

        whole, picked = group(say("The whole model"), self.result.top), self.result.picked
        if not picked:
            return [whole, group(say("Without {part}", part=named(say, self.removal.part)), self.removal.top)]
        own, chain = painted.get(self.result.answer.word, palette.bar), list[Bar]()
        for one in picked:  # grey where it lost, as below the grid
            colour = own if one.top[0].word == self.result.answer.word else palette.mark
            chain.append(Bar(f"{'+ ' if chain else ''}{short(say, one.part)}", self._value(one.answer), colour))
        answer = self._written(self.result.answer, words.quoting(say))
        return [
            whole,
            group(say("Without {part}", part=self._together()), picked[-1].top),
            Group(say("{answer}, as they are switched off one after the other", answer=answer), chain),
        ]

    def _together(self) -> str:
        """The heads that somebody switched off."""
        say, picked = self.say, self.result.picked
        if len(picked) == 1:
            return named(say, picked[0].part)
        return say("heads {listed}", listed=", ".join(short(say, one.part) for one in picked))

    def _lines(self) -> tuple[str, ...]:
        say, result = self.say, self.result
        answer = self._written(result.answer, words.quoting(say))
        return (
            words.quoted(say, result.source.text),
            " · ".join(filter(None, [self._at(), self._measured(answer), self._others()])),
            say("Rows: layers · columns: heads · A: all heads of a layer · F: its feed-forward part"),
        )

    def _at(self) -> str:
        """At which of several masks the model answers."""
        return at_mask(self.say, self.result.mask, len(self.result.source.masks)) if not self.result.labels else ""

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
        """What any head leaves of the answer, but for those that the title is about."""
        say, off = self.say, {one.part for one in self.result.picked or (self.removal,)}
        others = [self._value(one.answer) for one in self.result.heads if one.part not in off]
        if not others:
            return ""
        least, most = (amount(say, value, self.result.problem) for value in (min(others), max(others)))
        return say("without any other head: {least} to {most}", least=least, most=most)

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

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        strongest = sorted(result.removals, key=lambda one: -abs(result.change(one)))
        heads = [one for one in strongest if one.part.kind == "head"][:6]
        whole = [one for one in strongest if one.part.kind != "head"][:4]
        return words.alt(
            words.told(self.finding()),
            words.told(
                " · ".join(filter(None, [self._at(), self._measured(self._written(result.answer, words.quoting(say)))]))
            ),
            *map(words.told, warnings),
            say("Heads that change most: {listed}.", listed=self._listed(heads)),
            say("Whole parts that change most: {listed}.", listed=self._listed(whole)),
            words.told(self._held()) if self._steps else "",
            say("One after the other: {listed}.", listed=self._listed(result.picked)) if result.picked else "",
            words.text_told(say, result.source.text),
            say(cautions.STAND_IN),
        )

    def _listed(self, removals: Sequence[Removal]) -> str:
        say, result = self.say, self.result
        return ", ".join(
            f"{short(say, one.part)} {words.precise(say, result.change(one))} ({self._amount(one.answer)})"
            for one in removals
        )
