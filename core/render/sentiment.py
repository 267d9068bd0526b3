"""The labels of a text with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.kit import cautions, words
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.palette import Theme, colours
from core.render.kit.stacks import colour_of
from core.results import TOO_CLOSE, Drawing, Sentiment, Table


@dataclass(frozen=True, slots=True)
class SentimentBars:
    """The probability of every label.

    Attributes:
        result: What the classifier answered.
        theme: Dark or light.
        say: The language.
    """

    result: Sentiment
    theme: Theme = "dark"
    say: Language = ENGLISH

    def draw(self) -> Drawing:
        """Draw one bar per label, on a scale from 0 to 1."""
        say, source, scores, palette = self.say, self.result.source, self.result.scores, colours(self.theme)
        bars = [Bar(score.label, score.probability, colour_of(score.label, palette)) for score in scores]
        told = [f"{score.label} {words.percent(say, score.probability)}" for score in scores]
        caution = say(cautions.NO_NEUTRAL if len(scores) == 2 else cautions.CALIBRATION)
        notes = (*self._doubt(), caution, *words.model_named(say, source.model))
        quoted = words.quoted(say, source.text)
        canvas = draw_chart(say, self._verdict(*told[:1]), (quoted,), notes, [Group("", bars)], self.theme)
        alt = words.alt(
            say("Sentiment by {model}: {answer}.", model=source.model.name, answer=self._verdict(*told)),
            words.text_told(say, source.text),
            caution,
        )
        return Drawing(canvas.png(), alt, canvas.width, canvas.height)

    def _verdict(self, *told: str) -> str:
        say, verdict = self.say, ", ".join(told)
        return say("Uncertain: {verdict}", verdict=verdict) if self.result.uncertain else verdict

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
        """List every label with its probability."""
        say = self.say
        rows = [(score.label, words.decimal(say, score.probability, 6)) for score in self.result.scores]
        return words.table((say("label"), say("probability")), rows)
