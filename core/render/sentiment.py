"""The labels of a text with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.drawing.palette import Theme, colours, label_colours
from core.render.kit.view import Picture
from core.render.kit.wording import words
from core.render.kit.wording.scores import Scale, answer, caution, verdict
from core.results import TOO_CLOSE, Drawing, Sentiment, Table


@dataclass(frozen=True, slots=True)
class SentimentBars(Picture):
    """The probability of every label, or its number.

    Attributes:
        result: What the classifier answered.
        theme: Dark or light.
        say: The language.
    """

    result: Sentiment
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, _: words.Quote | None = None) -> str:
        """What the classifier says."""
        return verdict(self.say, self.result)

    def draw(self) -> Drawing:
        """Draw one bar per label, on a scale from 0 to 1, or of numbers around zero."""
        say, result = self.say, self.result
        source, scores, problem = result.source, result.scores, result.problem
        painted = label_colours((score.label for score in scores), colours(self.theme))
        bars = [Bar(score.label, score.value, painted[score.label]) for score in scores]
        note, warnings = self._note(), words.unknown_words(say, source)
        quoted, scale = words.quoted(say, source.text), Scale.of(problem, (score.value for score in scores))
        notes = (note, words.model_named(say, source.model))
        canvas = draw_chart(say, self.finding(), (quoted,), notes, [Group("", bars)], self.theme, scale, warnings)
        told = ", ".join(answer(say, score, problem) for score in scores)
        alt = words.alt(
            words.told(self.finding()),
            say("Sentiment by {model}: {answer}.", model=source.model.name, answer=told),
            *map(words.told, warnings),
            words.text_told(say, source.text),
            note,
        )
        return canvas.drawing(alt)

    def _note(self) -> str:
        say, result = self.say, self.result
        if not result.uncertain:
            return caution(say, result.problem, len(result.scores))
        return say(
            "Unsure: the two are less than {apart:g} points apart; that is not “neutral”.", apart=100 * TOO_CLOSE
        )

    def table(self) -> Table:
        """List every label with its probability, or its number."""
        say, number = self.say, self.result.problem == "regression"
        rows = [(score.label, words.decimal(say, score.value, 6)) for score in self.result.scores]
        return words.table((say("label"), say("number") if number else say("probability")), rows)
