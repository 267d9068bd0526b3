"""What two language models put at the masks of a text, or at its gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.language import ENGLISH, Language
from core.reading.masks import ANY_MASK
from core.render.fillings import (
    at_mask,
    display_token,
    filling_rows,
    format_probability,
    target_groups,
    target_sentences,
    unread,
)
from core.render.kit.bars import Bar, Group, draw_chart
from core.render.kit.drawing.palette import Theme, colours
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.two_models.naming import both_named, by_model, short_names, unknown_to
from core.results import Drawing, Table, TwoFillings, Unmasked


@dataclass(frozen=True, slots=True)
class TwoUnmaskBars(Picture):
    """The most probable words for each mask by two models, one below the other.

    Attributes:
        result: What both answered.
        theme: Dark or light.
        say: The language.
    """

    result: TwoFillings
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """Whether both put the same words first, and which; of words that were to be compared, which is likeliest."""
        say, write = self.say, quote or words.quoting(self.say)
        names = dict(zip(("first", "second"), short_names(self.result, quote), strict=True))
        best = [_best(one) for one in self.result.answers]
        one, other = (", ".join(f"{write(word)} ({format_probability(say, p)})" for word, p in some) for some in best)
        alike = [[word.casefold() for word, _ in some] for some in best]
        if alike[0] == alike[1]:
            return say("Both agree · {first}: {one} · {second}: {other}", **names, one=one, other=other)
        return say("They disagree · {first}: {one} · {second}: {other}", **names, one=one, other=other)

    def draw(self) -> Drawing:
        """Draw one bar per word: for each mask, the words of the first model and those of the second."""
        say, result = self.say, self.result
        warnings, notes = unknown_to(say, result), (say(cautions.VOCABULARIES), both_named(say, result))
        lines = (words.quoted(say, result.source.text), *self._half_read())
        canvas = draw_chart(say, self.finding(), lines, notes, list(self._groups()), self.theme, warnings=warnings)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List the words of each mask with their probabilities, by each model."""
        say, rows = self.say, list[Sequence[str]]()
        for model, one in zip(self.result.models, self.result.answers, strict=True):
            rows += [
                (model.name, str(number), str(rank), display_token(word.word), words.decimal(say, word.probability, 6))
                for number, mask in enumerate(one.masks, 1)
                for rank, word in enumerate(mask, 1)
            ]
            rows += [(model.name, *row) for row in filling_rows(say, one)]
        header = (say("model"), say("mask"), say("rank"), say("word"), say("probability"))
        return words.table(header, rows)

    def _groups(self) -> Iterator[Group]:
        say, palette, answers = self.say, colours(self.theme), [*by_model(self.result)]
        for number in range(len(self.result.answers[0].masks)):
            for name, one in answers:
                bars = [Bar(display_token(word.word), word.probability, palette.bar) for word in one.masks[number]]
                yield Group(at_mask(say, number + 1, len(one.masks), name), bars)
        for name, one in answers:
            for group in target_groups(say, one, palette):
                yield replace(group, heading=f"{name} · {group.heading}")

    def _half_read(self) -> Iterator[str]:
        """Which of them has not read what stands behind the gap."""
        say = self.say
        for name, one in by_model(self.result):
            if not one.source.masks and ANY_MASK.sub("", unread(one)).strip():
                yield say("{model} reads left to right: it has not seen what stands behind the gap.", model=name)

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        found = [
            f"{at_mask(say, number + 1, len(one.masks), name)}: "
            + ", ".join(f"{display_token(word.word)} {format_probability(say, word.probability)}" for word in mask[:5])
            + "."
            for number in range(len(result.answers[0].masks))
            for name, one in by_model(result)
            for mask in (one.masks[number],)
        ]
        compared = (f"{name}: {told}" for name, one in by_model(result) for told in target_sentences(say, one))
        return words.alt(
            words.told(self.finding()),
            *map(words.told, warnings),
            *self._half_read(),
            *found,
            *compared,
            words.text_told(say, result.source.text),
            say(cautions.VOCABULARIES),
        )


def _best(one: Unmasked) -> list[tuple[str, float]]:
    """The likeliest word at each mask, and its probability; where words were to be compared, of these."""
    if any(one.targets):
        return [(some[0].word, some[0].probability) for some in one.targets if some]
    return [(display_token(some[0].word), some[0].probability) for some in one.masks if some]
