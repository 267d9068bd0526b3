"""The labels of a text with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import words
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.palette import Theme, colours
from core.render.kit.scores import Scale, answer, verdict, warnings
from core.render.kit.stacks import colour_of
from core.render.kit.view import Picture
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

    def draw(self) -> Drawing:
        """Draw one bar per label, on a scale from 0 to 1, or of numbers around zero."""
        say, result, palette = self.say, self.result, colours(self.theme)
        source, scores, problem = result.source, result.scores, result.problem
        bars = [Bar(score.label, score.value, colour_of(score.label, palette)) for score in scores]
        cautions = warnings(say, problem, len(scores))
        notes = (*self._doubt(), *cautions, *words.model_named(say, source.model))
        quoted, scale = words.quoted(say, source.text), Scale.of(problem, (score.value for score in scores))
        title = self._doubted(verdict(say, result))
        canvas = draw_chart(say, title, (quoted,), notes, [Group("", bars)], self.theme, scale)
        told = ", ".join(answer(say, score, problem) for score in scores)
        alt = words.alt(
            "" if result.given else f"{title}.",
            say("Sentiment by {model}: {answer}.", model=source.model.name, answer=self._doubted(told)),
            words.text_told(say, source.text),
            *cautions,
        )
        return canvas.drawing(alt)

    def _doubted(self, told: str) -> str:
        return self.say("Uncertain: {verdict}", verdict=told) if self.result.uncertain else told

    def _doubt(self) -> tuple[str, ...]:
        if not self.result.uncertain:
            return ()
        say = self.say
        return (
            say(
                "Called uncertain because the two probabilities are less than {apart:g} apart; that is not “neutral”.",
                apart=TOO_CLOSE,
            ),
        )

    def table(self) -> Table:
        """List every label with its probability, or its number."""
        say, number = self.say, self.result.problem == "regression"
        rows = [(score.label, words.decimal(say, score.value, 6)) for score in self.result.scores]
        return words.table((say("label"), say("number") if number else say("probability")), rows)
