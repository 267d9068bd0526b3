"""Which words speak for an answer: on the text itself, and two measures side by side, for and against."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.fillings import at_mask, display_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Colour, Theme, label_colours
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, NOTE, WIDTH, Frame, draw_frame
from core.render.kit.passage import LINE, Spot, Stretch, draw_passage, spots, stretches
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import visible
from core.results import Choice, Drawing, Explanation, Table, WordContribution, explained_words

TOLERABLE = 0.05
"""A completeness error up to which gradients are relied on."""

_ROW, _THICK, _LETTERS, _HEADING = 38, 22, 24, 40  # pixels: row to row, a bar, letters, headings
_NAME, _HALF, _NUMBER, _GAP = 172, 86, 92, 14  # pixels for a word, for half a track, for a number, between columns
_MOST, _MOST_LINES = 24, 14  # words with bars, and lines of the sentence
_BREATH = 18  # pixels between the sentence and the bars
_NEXT = "___"  # where a model goes on


@dataclass(frozen=True, slots=True)
class AttributionBars(Picture):
    """What each word does for an answer, or for it rather than another.

    Attributes:
        result: The reasons.
        theme: Dark or light.
        say: The language.
    """

    result: Explanation
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """Which word counts most, and for what; where the gradients do not add up, by masking it alone."""
        say, result, write = self.say, self.result, quote or words.quoting(self.say)
        measure = operator.attrgetter("masked" if result.error > TOLERABLE else "gradients")
        top = max(result.reasons, key=lambda one: abs(measure(one)), default=None)
        if top is None or not measure(top):
            return say("No word counts for or against {label}", label=self._explained(write))
        told = {
            "word": write(top.word),
            "label": self._explained(write),
            "amount": words.precise(say, measure(top)),
        }
        if result.error > TOLERABLE:
            if top.masked > 0:
                return say("Masked alone, {word} counts most: it speaks for {label} ({amount})", **told)
            return say("Masked alone, {word} counts most: it speaks against {label} ({amount})", **told)
        if top.gradients > 0:
            return say("{word} counts most: it speaks for {label} ({amount})", **told)
        return say("{word} counts most: it speaks against {label} ({amount})", **told)

    def _explained(self, write: words.Quote | None = None) -> str:
        """What is explained: an answer, or that it is not another one; labels as they are, words quoted."""
        say, result = self.say, self.result

        def named(choice: Choice) -> str:
            if result.labels:
                return choice.name
            return (write or words.quoting(say))(display_token(choice.name))

        if result.rather is None:
            return named(result.answer)
        return say("{answer} rather than {other}", answer=named(result.answer), other=named(result.rather))

    def draw(self) -> Drawing:
        """Draw the text with a mark below each word, and words with two signed bars; of a long text, the strongest."""
        say, result, shown = self.say, self.result, _strongest(self.result.reasons)
        passage, spots = self._passage()
        unreliable = (say("The gradients do not add up: do not rely on them."),) if result.error > TOLERABLE else ()
        warnings = (*unreliable, *words.unknown_words(say, result.source))
        alone = say(
            "Masked alone: how far the logit falls when that word alone is replaced by {baseline}.",
            baseline=result.baseline,
        )
        notes = (_method(say, result), alone, say(cautions.SALIENCY), words.model_named(say, result.source.model))
        above = (1 + max((spot.row for spot in spots), default=-1)) * LINE + _BREATH
        lines = self._lines(len(shown), len(spots), len(passage))
        height = above + _HEADING + len(shown) * _ROW
        canvas, top = draw_frame(Frame(self.finding(), lines, notes, WIDTH, height, self.theme, warnings=warnings))
        labels = label_colours(result.labels, canvas.colours)
        colour = labels.get(result.answer.name, canvas.colours.bar)
        draw_passage(canvas, top, passage, spots, colour)
        _draw_rows(say, canvas, top + above, shown, colour)
        return canvas.drawing(self._alt(warnings))

    def _passage(self) -> tuple[list[Stretch], list[Spot]]:
        """The text with its gradients as marks, and where its words stand; gaps have no mark."""
        source, reasons = self.result.source, self.result.reasons
        most = max((abs(one.gradients) for one in reasons), default=0) or 1.0
        shown = [(one.word, one.gradients / most) for one in reasons]
        known = explained_words(source)
        for place in reversed(source.masks):
            before = sum(word[0] < place for word in known)
            shown.insert(before, (source.written((place,)).strip(), 0.0))  # some vocabularies count a space to it
        if not (source.masks or self.result.labels):
            shown.append((_NEXT, 0.0))
        passage = stretches(source.text, *zip(*shown, strict=True)) if shown else []
        return passage, spots(passage, _MOST_LINES)

    def table(self) -> Table:
        """List both measures of every word."""
        say = self.say
        rows = [
            (visible(one.word), words.precise(say, one.gradients), words.precise(say, one.masked))
            for one in self.result.reasons
        ]
        return words.table((say("word"), *_columns(say)), rows)

    def _lines(self, bars: int, written: int, passage: int) -> tuple[str, ...]:
        say, result, count = self.say, self.result, len(self.result.reasons)
        where = at_mask(say, result.mask, len(result.source.masks))
        marks = say("Plain (+) speaks for {label}, hatched (−) against it; in logits", label=self._explained())
        cut = say("the {shown} strongest of {count} words", shown=bars, count=count) if bars < count else ""
        short = say("the text: its first {shown} words", shown=written) if written < passage else ""
        return (" · ".join(filter(None, [marks, words.opening(where), cut, short])),)

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        strongest = sorted(result.reasons, key=lambda one: -abs(one.gradients))[:12]
        listed = ", ".join(
            f"{visible(one.word)} {words.precise(say, one.gradients)} / {words.precise(say, one.masked)}"
            for one in strongest
        )
        where = at_mask(say, result.mask, len(result.source.masks))
        return words.alt(
            words.told(self.finding()),
            say("Which words speak for {label}, by {model}.", label=self._explained(), model=result.source.model.name),
            words.told(words.opening(where)) if where else "",
            *map(words.told, warnings),
            say("Integrated gradients / masked alone, in logits: {listed}.", listed=listed),
            _method(say, result),
            words.text_told(say, result.source.text),
            say(cautions.SALIENCY),
        )


def _columns(say: Language) -> tuple[str, str]:
    return say("integrated gradients"), say("masked alone")


def _method(say: Language, result: Explanation) -> str:
    """How the numbers were made, and how far their sum is off."""
    told = {
        "baseline": result.baseline,
        "start": words.signed(say, result.start),
        "logit": words.signed(say, result.logit),
        "steps": result.steps,
        "error": words.percent(say, result.error),
    }
    if result.rather:
        return say(
            "Gradients of the difference of two logits: from {baseline} everywhere ({start}) to this text ({logit}), "
            "{steps} steps, error {error}.",
            **told,
        )
    if result.problem == "regression":
        return say(
            "Gradients: from {baseline} everywhere ({start}) to this text ({logit}), {steps} steps, error {error}; "
            "a logit here is the model's number.",
            **told,
        )
    return say(
        "Gradients: from {baseline} everywhere (logit {start}) to this text ({logit}), {steps} steps, error {error}.",
        **told,
    )


def _strongest(reasons: Sequence[WordContribution]) -> list[WordContribution]:
    """The words with the strongest gradients, in reading order."""
    order = sorted(range(len(reasons)), key=lambda number: -abs(reasons[number].gradients))[:_MOST]
    return [reasons[number] for number in sorted(order)]


def _draw_rows(say: Language, canvas: Canvas, top: int, reasons: Sequence[WordContribution], colour: Colour) -> None:
    most = max((abs(amount) for one in reasons for amount in (one.gradients, one.masked)), default=0) or 1.0
    starts = [MARGIN + _NAME + _GAP + column * (2 * _HALF + _NUMBER + _GAP) for column in range(2)]
    for start, heading in zip(starts, _columns(say), strict=True):
        canvas.write(start + _HALF, top + 22, line(heading, NOTE), canvas.colours.dim, align="middle")
    for number, one in enumerate(reasons):
        y = top + _HEADING + number * _ROW + (_ROW - _THICK) // 2
        name = line(fit(visible(one.word), _NAME, _LETTERS), _LETTERS)
        canvas.write(MARGIN + _NAME, y + _THICK - 3, name, align="right")
        for start, amount in zip(starts, (one.gradients, one.masked), strict=True):
            _draw_amount(canvas, start, y, amount / most, colour)
            written = line(words.precise(say, amount), _LETTERS - 4)
            canvas.write(start + 2 * _HALF + _NUMBER, y + _THICK - 3, written, align="right")


def _draw_amount(canvas: Canvas, left: int, y: int, share: float, colour: Colour) -> None:
    """Draw a track with zero in its middle, and a share of half of it: to the right for, to the left against."""
    middle = left + _HALF
    canvas.fill((left, y, left + 2 * _HALF, y + _THICK), canvas.colours.track)
    end = middle + round(_HALF * share)
    box = (min(middle, end), y, max(middle, end), y + _THICK)
    if share > 0:
        canvas.fill(box, colour)
    else:
        canvas.hatch(box, colour)
    canvas.fill((middle - 1, y - 3, middle + 1, y + _THICK + 3), canvas.colours.mark)
