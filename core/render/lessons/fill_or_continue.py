"""Filling a gap, or going on: two models at one place of a sentence, and what each of them sees."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.reading.masks import ANY_MASK
from core.render.fillings import display_token, unread
from core.render.kit.bars import Bar, Chart, Group
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.passage import LINE, Stretch, draw_passage, spots
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import visible
from core.results import Drawing, FillOrContinue, Table, Unmasked

_HEADING, _BELOW = 40, 10  # pixels for a heading, and below the words of a sentence
_LINES, _BEFORE, _BEHIND = 3, 12, 8  # lines of a sentence at most, and its words on either side of the gap
_GAP = "___"
_SEEN = 0.3  # how thick the line below a word is that a model sees


@dataclass(frozen=True, slots=True)
class FillOrContinueView(Picture):
    """For each model the sentence, underlined where that model sees it, and bars of what it would put at the gap.

    Attributes:
        result: What both answered.
        theme: Dark or light.
        say: The language.
    """

    result: FillOrContinue
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """What each would put there."""
        say, write = self.say, quote or words.quoting(self.say)
        filled, continued = (answer.masks[0][0] for answer in self._answers)
        return say(
            "Seeing both sides: {filled} ({filled_share}); seeing only what comes before: {next} ({next_share})",
            filled=write(display_token(filled.word)),
            filled_share=words.percent(say, filled.probability),
            next=write(display_token(continued.word)),
            next_share=words.percent(say, continued.probability),
        )

    def draw(self) -> Drawing:
        """Draw one model below the other, on one scale."""
        say, palette = self.say, colours(self.theme)
        sentences = [self._sentence(both) for both in (True, False)]
        laid = [spots(sentence, _LINES) for sentence in sentences]
        charts = [Chart.of([Group("", self._bars(answer))]) for answer in self._answers]
        tall = [(1 + max(spot.row for spot in places)) * LINE + _HEADING + _BELOW for places in laid]
        height = sum(tall) + sum(chart.height for chart in charts)
        notes, warnings = (self._caution(),), words.unknown_words(say, *(answer.source for answer in self._answers))
        frame = Frame(self.finding(), self._lines(), notes, WIDTH, height, self.theme, warnings=warnings)
        canvas, top = draw_frame(frame)
        for heading, sentence, places, above, chart in zip(
            self._headings(), sentences, laid, tall, charts, strict=True
        ):
            canvas.write(MARGIN, top + SUBTITLE + 4, line(fit(heading, WIDTH - 2 * MARGIN, SUBTITLE), SUBTITLE))
            draw_passage(canvas, top + _HEADING, sentence, places, palette.bar)
            chart.draw(say, canvas, top + above)
            top += above + chart.height
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """The words of each model with their probabilities."""
        say = self.say
        rows = [
            (answer.source.model.name, str(rank), display_token(one.word), words.decimal(say, one.probability, 6))
            for answer in self._answers
            for rank, one in enumerate(answer.masks[0], 1)
        ]
        return words.table((say("model"), say("rank"), say("word"), say("probability")), rows)

    @property
    def _answers(self) -> tuple[Unmasked, Unmasked]:
        return self.result.filled, self.result.continued

    def _bars(self, answer: Unmasked) -> list[Bar]:
        palette = colours(self.theme)
        return [Bar(display_token(one.word), one.probability, palette.bar) for one in answer.masks[0]]

    def _lines(self) -> tuple[str, ...]:
        say, hidden = self.say, self.result.hidden
        seen = say("Underlined: what the model sees")
        return (seen, say("Hidden: {word}", word=words.quoting(say)(hidden))) if hidden else (seen,)

    def _headings(self) -> tuple[str, str]:
        say, (filled, continued) = self.say, (answer.source.model.name for answer in self._answers)
        return say("{model} fills the gap", model=filled), say("{model} goes on", model=continued)

    def _caution(self) -> str:
        return self.say(cautions.LEFT_TO_RIGHT if unread(self.result.continued) else cautions.GOES_ON)

    def _sentence(self, both: bool) -> list[Stretch]:
        """The words about the gap; those that are seen have a mark, which are all of them, or those before it."""
        before, _, behind = ANY_MASK.sub(_GAP, self.result.text, count=1).partition(_GAP)
        first, last = before.split(), behind.split()
        glued = not behind[:1].isspace()
        seen = [*(["…"] if len(first) > _BEFORE else []), *first[-_BEFORE:]]
        found = [Stretch(visible(words.plain(word)), n > 0, _SEEN) for n, word in enumerate(seen)]
        found.append(Stretch(_GAP, bool(first) and before[-1:].isspace()))
        more = [*last[:_BEHIND], *(["…"] if len(last) > _BEHIND else [])]
        mark = _SEEN if both else 0.0
        return [*found, *(Stretch(visible(words.plain(word)), n > 0 or not glued, mark) for n, word in enumerate(more))]

    def _alt(self) -> str:
        say = self.say
        told = [
            f"{heading}: {', '.join(f'{bar.name} {words.percent(say, bar.value)}' for bar in self._bars(answer))}."
            for heading, answer in zip(self._headings(), self._answers, strict=True)
        ]
        return words.alt(
            words.told(self.finding()),
            *told,
            *map(words.told, words.unknown_words(say, *(answer.source for answer in self._answers))),
            words.text_told(say, self.result.text),
            self._caution(),
        )
