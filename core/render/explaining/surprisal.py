"""What surprises a model in a text: each token coloured by its surprisal in bits, in the shape of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.language import ENGLISH, Language
from core.render.fillings import display_token, format_probability
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme, colour_map
from core.render.kit.frame import MARGIN, WIDTH, Frame, draw_frame
from core.render.kit.pills import ROW, Pill, draw_strip, pills, places
from core.render.kit.squares.cells import draw_scale, levels, scale_height
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import Drawing, JudgedToken, Surprisal, Table

TOP = 16.0
"""The bits from which on a token has the last colour: a probability of 1 in 65,536, in every picture the same."""

_MOST_ROWS = 16
_FAINTEST = 3  # of the colours; weaker ones could not be told from the ground
_LISTED = 3  # expected tokens of each place in the table
_SAME = 1 + 1e-6  # probabilities of one token, apart by rounding


@dataclass(frozen=True, slots=True)
class SurprisalStrip(Picture):
    """The tokens of a text, coloured by how improbable they are where they stand.

    Attributes:
        result: What a model found improbable.
        theme: Dark or light.
        say: The language.
    """

    result: Surprisal
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """The word with the most bits, and what was expected in its place, or in that of its first piece."""
        say, result, write = self.say, self.result, quote or words.quoting(self.say)
        by_word = dict[tuple[int, ...], list[JudgedToken]]()
        for one in result.tokens:
            by_word.setdefault(result.source.word_at(one.position), []).append(one)
        if not by_word:
            return say("No token was judged")
        word, pieces = max(by_word.items(), key=lambda pair: _bits(pair[1]))
        written = result.source.written(word)
        told = {"word": write(written.strip() or written), "bits": words.decimal(say, _bits(pieces), 1)}
        expected, chance = pieces[0].expected[0]
        if chance <= pieces[0].probability * _SAME:
            return say("{word} surprises most, with {bits} bits", **told)
        told |= {"expected": write(display_token(expected)), "chance": words.percent(say, chance)}
        return say("{word} surprises most, with {bits} bits; expected was {expected} ({chance})", **told)

    def draw(self) -> Drawing:
        """Draw the tokens as pills with their bits below; of a long text, the first rows."""
        say, result, found = self.say, self.result, self._pills()
        laid = places(result.source, found, _MOST_ROWS)
        rows = 1 + max((place.row for place in laid), default=-1)
        count, seen = len(result.source.tokens), sum(len(found[place.index].ids) for place in laid)
        shown = say("showing 1–{seen} of {count:,}", seen=seen, count=count) if seen < count else ""
        lines = (" · ".join(filter(None, [say("Below each token: its surprisal −log₂ p, in bits"), shown])),)
        notes = (self._judged(), self._perplexity(), self._caution(), words.model_named(say, result.source.model))
        warnings = words.unknown_words(say, result.source)
        height = rows * ROW + scale_height(WIDTH)
        canvas, top = draw_frame(Frame(self.finding(), lines, notes, WIDTH, height, self.theme, warnings=warnings))
        draw_strip(canvas, top, result.source, found, laid)
        self._draw_scale(canvas, top + rows * ROW)
        return canvas.drawing(self._alt(warnings))

    def table(self) -> Table:
        """List every token with its bits, its probability, and the most probable ones in its place."""
        say, judged = self.say, self._by_place()
        rows = [
            (str(place + 1), token.piece, *self._cells(judged.get(place)))
            for place, token in enumerate(self.result.source.tokens)
        ]
        return words.table(("#", say("token"), say("bits"), say("probability"), say("expected")), rows)

    def _cells(self, judged: JudgedToken | None) -> tuple[str, str, str]:
        if judged is None:
            return "", "", ""
        say, expected = self.say, judged.expected[:_LISTED]
        listed = ", ".join(f"{display_token(word)} {format_probability(say, chance)}" for word, chance in expected)
        return words.decimal(say, judged.bits, 2), say.number(f"{judged.probability:.3g}"), listed

    def _by_place(self) -> dict[int, JudgedToken]:
        return {one.position: one for one in self.result.tokens}

    def _pills(self) -> list[Pill]:
        """The pills of the text, with their bits below; those that were not judged look like special ones."""
        say, judged, at, shaded = self.say, self._by_place(), 0, list[Pill]()
        colours = colour_map(self.theme)
        for pill in pills(self.result.source):
            bits = [judged[place].bits for place in range(at, at + len(pill.ids)) if place in judged]
            at += len(pill.ids)
            if not bits:
                shaded.append(replace(pill, label=replace(pill.label, special=True), below="–"))
                continue
            ground = colours[max(_FAINTEST, int(levels(np.array(sum(bits)), TOP, 1.0)))]
            shaded.append(replace(pill, below=_short(say, sum(bits)), ground=ground))
        return shaded

    def _draw_scale(self, canvas: Canvas, y: int) -> None:
        say = self.say
        told = [say("bits; 1 more is half as probable"), say("{most} and more look alike", most=f"{TOP:g}")]
        draw_scale(say, canvas, MARGIN, y, TOP, told, power=1.0)

    def _judged(self) -> str:
        """By what each token was judged."""
        say = self.say
        if self.result.masked:
            return say(
                "Each word hidden as a whole and judged by all others: a pseudo-log-likelihood (arXiv:1910.14659, "
                "arXiv:2305.10588)."
            )
        if self.result.source.tokens[0].special:
            return say("Each token is judged by those before it.")
        return say("Each token is judged by those before it; the first has none before it, and no probability.")

    def _perplexity(self) -> str:
        say, result = self.say, self.result
        mean = result.bits / (len(result.tokens) or 1)
        told = {"value": say.number(f"{result.perplexity:,.1f}"), "mean": words.decimal(say, mean, 2)}
        if result.masked:
            return say("Pseudo-perplexity {value}: 2 to the mean of {mean} bits per token.", **told)
        return say("Perplexity {value}: 2 to the mean of {mean} bits per token.", **told)

    def _caution(self) -> str:
        """Where a model has not read all, that; else what bits are not."""
        say, source = self.say, self.result.source
        unread = source.text[source.tokens[-1].end :].strip() if not self.result.masked else ""
        return say(cautions.LEFT_TO_RIGHT if unread else cautions.UNEXPECTED)

    def _alt(self, warnings: Sequence[str]) -> str:
        say, result = self.say, self.result
        names = labels(result.source)
        listed = ", ".join(f"{names[one.position].text} {_short(say, one.bits)}" for one in result.tokens)
        return words.alt(
            words.told(self.finding()),
            *map(words.told, warnings),
            say("Surprisal in bits, by {model}: {listed}.", model=result.source.model.name, listed=listed),
            self._perplexity(),
            self._judged(),
            words.text_told(say, result.source.text),
            self._caution(),
        )


def _bits(tokens: Sequence[JudgedToken]) -> float:
    return sum(one.bits for one in tokens)


def _short(say: Language, bits: float) -> str:
    """``14.9``; never 0 for what is not."""
    return say.number("<0.1") if 0 < bits < 0.05 else words.decimal(say, bits, 1)
