"""What the two classifiers answer: labels of a text, and words for a mask."""

from __future__ import annotations

from dataclasses import dataclass

from core.render import cautions, filled, words
from core.render.bars import Bar, Group, draw_chart
from core.render.palette import Theme, colours
from core.render.stacks import colour_of
from core.results import TOO_CLOSE, Candidate, Drawing, Sentiment, Table, Tokenization, Unmasked

_BEFORE_MASK = 60  # characters of a long text that are shown before its first mask
_LONG = 160  # characters
_UNCERTAIN = f"Called uncertain because the two probabilities are less than {TOO_CLOSE:g} apart; that is not “neutral”."


@dataclass(frozen=True, slots=True)
class SentimentBars:
    """The probability of every label.

    Attributes:
        result: What the classifier answered.
        theme: Dark or light.
    """

    result: Sentiment
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw one bar per label, on a scale from 0 to 1."""
        source, scores, palette = self.result.source, self.result.scores, colours(self.theme)
        bars = [Bar(score.label, score.probability, colour_of(score.label, palette)) for score in scores]
        best = f"{scores[0].label} {words.percent(scores[0].probability)}" if scores else "no labels"
        if self.result.uncertain:
            best = f"Uncertain: {best}"
        notes = (
            *((_UNCERTAIN,) if self.result.uncertain else ()),
            cautions.NO_NEUTRAL if len(scores) == 2 else cautions.CALIBRATION,
            f"Model: {source.model.name}",
            *words.bundled_note(source.model),
        )
        canvas = draw_chart(best, (f"“{words.quote(source.text)}”",), notes, [Group("", bars)], self.theme)
        alt = words.alt(
            f"Sentiment by {source.model.name}:",
            "uncertain," if self.result.uncertain else "",
            ", ".join(f"{score.label} {words.percent(score.probability)}" for score in scores) + ".",
            f"Text: “{words.quote(source.text)}”",
        )
        return Drawing(canvas.png(), alt, canvas.width, canvas.height)

    def table(self) -> Table:
        """List every label with its probability."""
        rows = [(score.label, f"{score.probability:.6f}") for score in self.result.scores]
        return words.table(("label", "probability"), rows)


@dataclass(frozen=True, slots=True)
class UnmaskBars:
    """The most probable words for each mask.

    Attributes:
        result: What the masked language model answered.
        theme: Dark or light.
    """

    result: Unmasked
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw one bar per word, mask by mask, on a scale from 0 to 1."""
        source, masks, colour = self.result.source, self.result.masks, colours(self.theme).bar
        groups = [
            Group(
                filled.at_mask(number, len(masks)),
                [Bar(_word(word), word.probability, colour) for word in mask],
            )
            for number, mask in enumerate(masks, 1)
        ]
        groups += filled.target_groups(self.result, colours(self.theme))
        title = f"Most likely: {', '.join(_word(mask[0]) for mask in masks if mask)}"
        credit = (f"Model: {source.model.name}", *words.bundled_note(source.model))
        notes = (*filled.filling_notes(self.result), *filled.cautious(self.result), *credit)
        canvas = draw_chart(title, (f"“{_around_mask(source)}”",), notes, groups, self.theme)
        return Drawing(canvas.png(), self._alt(), canvas.width, canvas.height)

    def table(self) -> Table:
        """List the words of each mask with their probabilities."""
        rows = [
            (str(number), str(rank), _word(word), f"{word.probability:.6f}")
            for number, mask in enumerate(self.result.masks, 1)
            for rank, word in enumerate(mask, 1)
        ]
        return words.table(("mask", "rank", "word", "probability"), [*rows, *filled.rows(self.result)])

    def _alt(self) -> str:
        source, masks = self.result.source, self.result.masks
        found = [", ".join(f"{_word(word)} {words.percent(word.probability)}" for word in mask[:5]) for mask in masks]
        several = len(masks) > 1
        sentences = [f"Mask {number}: {text}." if several else f"{text}." for number, text in enumerate(found, 1)]
        model = source.model.name
        sentences += [*filled.filling_notes(self.result), *filled.compared(self.result)]
        return words.alt(f"Words for the mask by {model}.", *sentences, f"Text: “{_around_mask(source)}”")


def _word(candidate: Candidate) -> str:
    return filled.name(candidate.word)


def _around_mask(source: Tokenization) -> str:
    """The text, or of a long one the part around its first gap."""
    if len(source.text) <= _LONG:
        return words.quote(source.text)
    gap = source.tokens[source.masks[0]].start if source.masks else source.tokens[-1].end
    start = max(0, gap - _BEFORE_MASK)
    return ("…" if start else "") + words.quote(source.text[start:].strip(), _LONG)
