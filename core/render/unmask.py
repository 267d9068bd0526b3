"""Words for a mask with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.render.fillings import (
    at_mask,
    caution_note,
    display_token,
    filling_notes,
    filling_rows,
    format_probability,
    target_groups,
    target_sentences,
)
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.view import Picture
from core.render.kit.wording import words
from core.results import Candidate, Drawing, Table, Tokenization, Unmasked

_BEFORE_MASK = 60  # characters of a long text that are shown before its first mask
_LONG = 160  # characters


@dataclass(frozen=True, slots=True)
class UnmaskBars(Picture):
    """The most probable words for each mask.

    Attributes:
        result: What the masked language model answered.
        theme: Dark or light.
        say: The language.
    """

    result: Unmasked
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """The most probable word of each mask, or of several words that were to be compared."""
        say, result, write = self.say, self.result, quote or words.quoting(self.say)
        if len(result.targets) == 1 and len(result.targets[0]) > 1:
            best = max(result.targets[0], key=lambda target: target.probability)
            chance = format_probability(say, best.probability)
            return say("Of the compared words, {word} is likeliest: {share}", word=write(best.word), share=chance)
        best_words = [max(mask, key=lambda word: word.probability) for mask in result.masks if mask]
        found = ", ".join(f"{write(word.word)} ({words.percent(say, word.probability)})" for word in best_words)
        if not found:
            return say("No word was found")
        if result.source.masks:
            return say("Likeliest here: {words}", words=found)
        return say("Likeliest next: {words}", words=found)

    def draw(self) -> Drawing:
        """Draw one bar per word, mask by mask, on a scale from 0 to 1."""
        say, source, masks, palette = self.say, self.result.source, self.result.masks, colours(self.theme)
        groups = [
            Group(
                at_mask(say, number, len(masks)),
                [Bar(_word(word), word.probability, palette.bar) for word in mask],
            )
            for number, mask in enumerate(masks, 1)
        ]
        groups += target_groups(say, self.result, palette)
        told = (*filling_notes(say, self.result), caution_note(say, self.result))
        notes, lines = (*told, words.model_named(say, source.model)), (words.quoted(say, _around_mask(source)),)
        warnings = words.unknown_words(say, source)
        canvas = draw_chart(say, self.finding(), lines, notes, groups, self.theme, warnings=warnings)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List the words of each mask with their probabilities."""
        say = self.say
        rows = [
            (str(number), str(rank), _word(word), words.decimal(say, word.probability, 6))
            for number, mask in enumerate(self.result.masks, 1)
            for rank, word in enumerate(mask, 1)
        ]
        header = (say("mask"), say("rank"), say("word"), say("probability"))
        return words.table(header, [*rows, *filling_rows(say, self.result)])

    def _alt(self) -> str:
        say, source = self.say, self.result.source
        found = [
            ", ".join(f"{_word(word)} {words.percent(say, word.probability)}" for word in mask[:5])
            for mask in self.result.masks
        ]
        sentences = [
            say("Mask {number}: {words}.", number=number, words=text) if len(found) > 1 else f"{text}."
            for number, text in enumerate(found, 1)
        ]
        return words.alt(
            words.told(self.finding()),
            *map(words.told, words.unknown_words(say, source)),
            say(
                "Words for the mask by {model}." if source.masks else "What {model} writes next.",
                model=source.model.name,
            ),
            *sentences,
            *filling_notes(say, self.result),
            *target_sentences(say, self.result),
            words.text_told(say, _around_mask(source)),
            caution_note(say, self.result),
        )


def _word(candidate: Candidate) -> str:
    return display_token(candidate.word)


def _around_mask(source: Tokenization) -> str:
    """The text, or of a long one the part around its first gap."""
    if len(source.text) <= _LONG:
        return words.quote(source.text)
    gap = source.tokens[source.masks[0]].start if source.masks else source.tokens[-1].end
    start = max(0, gap - _BEFORE_MASK)
    return ("…" if start else "") + words.quote(source.text[start:].strip(), _LONG)
