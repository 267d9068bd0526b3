"""What a model wrote, token by token, and what could come next, before and after temperature, top-k and top-p."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from core.language import ENGLISH, Language
from core.render.fillings import display_token
from core.render.kit.drawing.canvas import Canvas
from core.render.kit.drawing.palette import Theme
from core.render.kit.drawing.text import fit, line
from core.render.kit.frame import MARGIN, SUBTITLE, WIDTH, Frame, draw_frame
from core.render.kit.pills import ROW, Pill, Place, draw_strip, pills, places
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import visible
from core.render.next_tokens import MOST_NEXT, draw_next, drawn, next_height
from core.results import Drawing, Table, Tokenization, Written

_MOST_ROWS = 16
_HEADING = 44  # pixels above what was written
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
        following = result.next[:MOST_NEXT]
        legend = (
            say("Grey: how probable the model finds it · blue: how probable it is to be drawn") if following else ""
        )
        lines = (words.quoted(say, _end_of(result.prompt)), self.settings(), *filter(None, [legend]))
        notes = (*self._left_out(len(written) - len(laid)), say(cautions.PROBABLE))
        frame = Frame(
            self.finding(),
            lines,
            (*notes, words.model_named(say, result.source.model)),
            WIDTH,
            strip + next_height(following),
            self.theme,
            warnings=words.unknown_words(say, result.source),
        )
        canvas, top = draw_frame(frame)
        if laid:
            self._draw_written(canvas, top, written, laid)
        draw_next(say, canvas, top + strip, following)
        return canvas.drawing(self._alt(written))

    def table(self) -> Table:
        """List what was written and what could come next, with probabilities before and after, and ranks."""
        say = self.say
        rows = [
            (
                str(step) if written else say("next"),
                visible(token),
                str(id),
                words.decimal(say, probability, 6),
                "" if share is None else words.decimal(say, share, 6),
                say.number(f"{rank:,}"),
            )
            for step, id, token, probability, rank, share, written in zip(*self.result.columns().values(), strict=True)
        ]
        header = ("#", say("token"), say("id"), say("probability"), say("after settings"), say("rank"))
        return words.table(header, rows)

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
            found.append(replace(pill, below=words.percent(self.say, chance)))
        return found

    @property
    def _added(self) -> Tokenization:
        """The text with only the tokens that were written."""
        return replace(self.result.source, tokens=self.result.written)

    def _left_out(self, pills: int) -> tuple[str, ...]:
        """What is not drawn: tokens that were written, and the probability of all others that could come next."""
        say, result = self.say, self.result
        more = [say("and {count:,} more", count=pills)] if pills else []
        if others := result.vocabulary - min(MOST_NEXT, len(result.next)) if result.next else 0:
            before, after = (words.percent(say, share) for share in result.beyond(MOST_NEXT))
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

    def _alt(self, written: Sequence[Pill]) -> str:
        say, result = self.say, self.result
        following = ", ".join(
            f"{display_token(one.word)} {words.percent(say, one.probability)} → {drawn(say, one)}"
            for one in result.next[:MOST_NEXT]
        )
        listed = ", ".join(f"{pill.label.text} {pill.numbers}" for pill in written[-MOST_NEXT:])
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


def _end_of(text: str) -> str:
    """A text, or the end of a long one."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else "…" + flat[-_SHOWN:].lstrip()


def _plain(say: Language, value: float) -> str:
    return say.number(f"{value:g}")
