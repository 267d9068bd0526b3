"""What a model wrote, token by token, and what could come next, before and after temperature, top-k and top-p."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from core.language import ENGLISH, Language
from core.render.fillings import display_token
from core.render.kit import cautions, words
from core.render.kit.canvas import Align, Canvas
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.labels import visible
from core.render.kit.palette import Theme
from core.render.kit.pills import ROW, Pill, Place, draw_strip, pills, places
from core.render.kit.text import fit, line, measure
from core.render.kit.view import Picture
from core.results import Drawing, NextToken, Table, Tokenization, Written

_MOST_NEXT, _MOST_ROWS = 12, 16  # tokens that could come next, and rows of tokens that were written
_BAR, _BEFORE, _AFTER, _LETTERS = 54, 14, 20, 26  # pixels: row to row, the bars of both probabilities, letters
_HEADING, _SCALE, _NAME, _NUMBER = 44, 36, 250, 96  # pixels: above a part, below the bars, beside them
_GAP = 12  # pixels between what was written and what could come
_SHOWN = 120  # characters at the end of a long text


@dataclass(frozen=True, slots=True)
class WritingView(Picture):
    """What was written behind a text, each token with its probability, and bars of what could come next.

    Attributes:
        result: What the causal language model answered.
        theme: Dark or light.
        say: The language.
    """

    result: Written
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """The likeliest next token, before and after; or why there is none."""
        say, result = self.say, self.result
        if not result.next:
            return say(
                "Here the model ends the text, after {tokens}", tokens=words.count_tokens(say, len(result.chances))
            )
        best = result.next[0]
        shares = list(dict.fromkeys(words.percent(say, share) for share in (best.probability, best.share)))
        write = quote or words.quoting(say)
        return say("Likeliest next: {words}", words=f"{write(display_token(best.word))} ({' → '.join(shares)})")

    def draw(self) -> Drawing:
        """Draw what was written as pills, and two bars for each of the likeliest tokens that could come next."""
        say, result, written = self.say, self.result, self._pills()
        laid = places(self._added, written, _MOST_ROWS)
        strip = _HEADING + ROW * (1 + max(place.row for place in laid)) + _GAP if laid else 0
        bars = min(_MOST_NEXT, len(result.next))
        height = strip + (_HEADING + bars * _BAR + _SCALE if bars else 0)
        legend = say("Grey: how probable the model finds it · blue: how probable it is to be drawn") if bars else ""
        lines = (words.quoted(say, _end_of(result.prompt)), self.settings(), *filter(None, [legend]))
        notes = (*self._left_out(len(written) - len(laid)), say(cautions.PROBABLE))
        frame = Frame(
            self.finding(),
            lines,
            (*notes, words.model_named(say, result.source.model)),
            WIDTH,
            height,
            self.theme,
            warnings=words.unknown_words(say, result.source),
        )
        canvas, top = draw_frame(frame)
        if laid:
            self._draw_written(canvas, top, written, laid)
        if bars:
            self._draw_next(canvas, top + strip)
        return canvas.drawing(self._alt(written))

    def table(self) -> Table:
        """List what was written and what could come next, with probabilities before and after, and ranks."""
        say, result = self.say, self.result
        written = [
            (
                str(step),
                visible(result.spelt(token)),
                str(token.id),
                words.decimal(say, one.probability, 6),
                "",
                one.rank,
            )
            for step, (token, one) in enumerate(zip(result.written, result.chances, strict=True), 1)
        ]
        following = [
            (
                say("next"),
                visible(one.word),
                str(one.id),
                words.decimal(say, one.probability, 6),
                words.decimal(say, one.share, 6),
                rank,
            )
            for rank, one in enumerate(result.next, 1)
        ]
        header = ("#", say("token"), say("id"), say("probability"), say("after settings"), say("rank"))
        return words.table(header, [(*row, say.number(f"{rank:,}")) for *row, rank in [*written, *following]])

    def settings(self) -> str:
        """With what a token is drawn, and how many are left to draw from."""
        say, sampling = self.say, self.result.sampling
        seed = say("seed {seed}", seed=str(sampling.seed))
        if not sampling.temperature:
            return " · ".join([say("temperature 0: always the likeliest"), seed])
        temperature = say("temperature {temperature}", temperature=_plain(say, sampling.temperature))
        top_k = say("top-k {k}", k=str(sampling.top_k)) if sampling.top_k else ""
        top_p = say("top-p {p}", p=_plain(say, sampling.top_p)) if sampling.top_p < 1 else ""
        kept, left = self.result.left
        limits = (self._limit(top_k, kept) or say("no top-k"), self._limit(top_p, left) or say("no top-p"))
        return " · ".join([temperature, *limits, seed])

    def _limit(self, limit: str, left: int) -> str:
        """What leaves some tokens to draw from, and how many; once the text has ended there are none to count."""
        say = self.say
        if not (limit and self.result.next):
            return limit
        return say("{limit}: {tokens} left", limit=limit, tokens=words.count_tokens(say, left))

    def _pills(self) -> list[Pill]:
        """What was written as pills, each with its probability; where several tokens are a character, their product."""
        found, chances = list[Pill](), iter(self.result.chances)
        for pill in pills(self._added):
            chance = math.prod(one.probability for one in islice(chances, len(pill.ids)))
            found.append(replace(pill, note=words.percent(self.say, chance)))
        return found

    @property
    def _added(self) -> Tokenization:
        """The text with only the tokens that were written."""
        return replace(self.result.source, tokens=self.result.written)

    def _left_out(self, pills: int) -> tuple[str, ...]:
        """What is not drawn: tokens that were written, and the probability of all others that could come next."""
        say, result = self.say, self.result
        more = [say("and {count:,} more", count=pills)] if pills else []
        if others := result.vocabulary - min(_MOST_NEXT, len(result.next)) if result.next else 0:
            before, after = (words.percent(say, share) for share in result.beyond(_MOST_NEXT))
            more.append(
                say(
                    "All {count:,} other tokens together: {before}, then {after}",
                    count=others,
                    before=before,
                    after=after,
                )
            )
        return tuple(more)

    def _draw_written(self, canvas: Canvas, top: int, written: Sequence[Pill], laid: Sequence[Place]) -> None:
        say = self.say
        heading = line(fit(say("Written, and how probable each token was"), WIDTH - 2 * MARGIN, SUBTITLE), SUBTITLE)
        canvas.write(MARGIN, top + SUBTITLE, heading, canvas.colours.dim)
        draw_strip(canvas, top + _HEADING, self._added, written, laid)

    def _draw_next(self, canvas: Canvas, top: int) -> None:
        """Draw the bars, all on a scale that ends just above the largest."""
        say, following = self.say, self.result.next[:_MOST_NEXT]
        heading = line(fit(say("What can come next"), WIDTH - 2 * MARGIN, SUBTITLE), SUBTITLE)
        canvas.write(MARGIN, top + SUBTITLE, heading, canvas.colours.dim)
        most = _round_up(max(max(one.probability, one.share) for one in following))
        names = min(_NAME, max(measure(display_token(one.word), _LETTERS) for one in following))
        left, right = MARGIN + names + 18, WIDTH - MARGIN - _NUMBER
        for number, one in enumerate(following):
            _draw_bars(say, canvas, (left, top + _HEADING + number * _BAR, right), one, most)
        y = top + _HEADING + len(following) * _BAR + 16
        ticks: tuple[tuple[float, Align], ...] = ((0.0, "left"), (0.5, "middle"), (1.0, "right"))
        for share, align in ticks:
            tick = line(say.number(f"{100 * share * most:g}%"), NOTE)
            canvas.write(left + round((right - left) * share), y, tick, canvas.colours.dim, align=align)

    def _alt(self, written: Sequence[Pill]) -> str:
        say, result = self.say, self.result
        following = ", ".join(
            f"{display_token(one.word)} {words.percent(say, one.probability)} → {_drawn(say, one)}"
            for one in result.next[:_MOST_NEXT]
        )
        listed = ", ".join(f"{pill.label.text} {pill.note}" for pill in written[-_MOST_NEXT:])
        return words.alt(
            words.told(self.finding()),
            *map(words.told, words.unknown_words(say, result.source)),
            say("What {model} writes next.", model=result.source.model.name),
            words.told(words.opening(self.settings())),
            say("Before and after: {words}.", words=following) if following else "",
            say("Written last: {words}.", words=listed) if listed else "",
            words.text_told(say, _end_of(result.prompt)),
            say(cautions.PROBABLE),
        )


def _draw_bars(say: Language, canvas: Canvas, room: tuple[int, int, int], one: NextToken, most: float) -> None:
    """Draw a token's name before `left`, its two bars from there to `right`, and their numbers behind that."""
    left, top, right = room
    palette = canvas.colours
    name = line(fit(display_token(one.word), left - 18 - MARGIN, _LETTERS), _LETTERS)
    canvas.write(left - 18, top + 33, name, palette.text if one.share else palette.dim, align="right")
    y = top + 7
    for share, thick, colour in ((one.probability, _BEFORE, palette.mark), (one.share, _AFTER, palette.bar)):
        track = (left, y, right, y + thick)
        canvas.bar(track, palette.track, 5)
        canvas.bar(track, colour, 5, 0, round((right - left) * share / most))
        y += thick + 2
    before = line(words.percent(say, one.probability), NOTE)
    canvas.write(WIDTH - MARGIN, top + 20, before, palette.dim, align="right")
    after = line(fit(_drawn(say, one), _NUMBER - 8, NOTE), NOTE)
    canvas.write(WIDTH - MARGIN, top + 42, after, palette.text if one.share else palette.dim, align="right")


def _drawn(say: Language, one: NextToken) -> str:
    """With what probability a token is drawn."""
    return words.percent(say, one.share) if one.share else say("out")


def _round_up(share: float) -> float:
    """The end of a scale: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(share))
    return min(1.0, next(step * power for step in (1, 2, 5, 10) if step * power >= share))


def _end_of(text: str) -> str:
    """A text, or the end of a long one."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else "…" + flat[-_SHOWN:].lstrip()


def _plain(say: Language, value: float) -> str:
    return say.number(f"{value:g}")
