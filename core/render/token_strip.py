"""A text cut into its tokens, in the shape of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.language import ENGLISH, Language
from core.reading.tokenizers.byte_level import bytes_of
from core.render.kit.drawing.palette import Theme
from core.render.kit.frame import WIDTH, Frame, draw_frame
from core.render.kit.pills import ROW, Pill, draw_strip, pills, places
from core.render.kit.view import Picture
from core.render.kit.wording import words
from core.results import Drawing, Table, Tokenization

_MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class TokenStrip(Picture):
    """The tokens of a text with their ids.

    Attributes:
        result: The text and its tokens.
        theme: Dark or light.
        say: The language.
    """

    result: Tokenization
    theme: Theme = "dark"
    say: Language = ENGLISH

    def finding(self, quote: words.Quote | None = None) -> str:
        """How many tokens there are, and which word is cut into most."""
        say, source = self.say, self.result
        tokens = words.count_tokens(say, len(source.tokens))
        longest = max(source.words, key=len, default=())
        if len(longest) < 2:
            return say("{tokens}; no word is cut", tokens=tokens)
        word = (quote or words.quoting(say))(source.written(longest))
        return say("{tokens}; most for {word}: {count}", tokens=tokens, word=word, count=len(longest))

    def draw(self) -> Drawing:
        """Draw the tokens as pills, joined where they make up a word; of a long text, the first rows."""
        say, source, found = self.say, self.result, pills(self.result)
        laid = places(source, found, _MOST_ROWS)
        rows = 1 + max((place.row for place in laid), default=-1)
        count = len(source.tokens)
        length = say("{characters:,} characters", characters=len(source.text))
        seen = sum(len(found[place.index].ids) for place in laid)
        shown = say("showing 1–{seen} of {count:,}", seen=seen, count=count) if seen < count else ""
        lines = (" · ".join(part for part in (source.model.name, source.kind, length, shown) if part),)
        notes = _legend(say, found[: len(laid)])
        canvas, top = draw_frame(Frame(self.finding(), lines, notes, WIDTH, rows * ROW, self.theme))
        draw_strip(canvas, top, source, found, laid)
        return canvas.drawing(self._alt(found, shown))

    def table(self) -> Table:
        """List every token with its id, the characters that it stands for and, if pieces are bytes, these."""
        say, rows = self.say, list[tuple[str, ...]]()
        for number, token in enumerate(self.result.tokens, 1):
            note = say("special") if token.special else say("unknown") if token.unknown else ""
            span = f"{token.start}–{token.end}" if token.end > token.start else ""
            written = bytes_of(self.result, token).hex(" ").upper()
            rows.append((str(number), token.piece, str(token.id), span, written, note))
        header = ("#", say("token"), say("id"), say("characters"), say("bytes"), say("note"))
        if not any(row[4] for row in rows):
            header, rows = _without(header, 4), [_without(row, 4) for row in rows]
        return words.table(header, rows)

    def _alt(self, found: Sequence[Pill], shown: str) -> str:
        say, model = self.say, self.result.model.name
        tokens = words.count_tokens(say, len(self.result.tokens))
        counted = say("{tokens} by the tokenizer of {model}", tokens=tokens, model=model)
        unknown = list(dict.fromkeys(pill.label.text for pill in found if pill.label.unknown))
        listed = " | ".join(f"{pill.label.text} {pill.numbers}" for pill in found)
        return words.alt(
            words.told(self.finding()),
            f"{counted}, {shown}." if shown else f"{counted}.",
            say("Unknown to its vocabulary: {words}.", words=", ".join(unknown)) if unknown else "",
            say("Tokens with their ids: {listed}.", listed=listed),
        )


def _without(row: tuple[str, ...], column: int) -> tuple[str, ...]:
    return (*row[:column], *row[column + 1 :])


def _legend(say: Language, found: Sequence[Pill]) -> tuple[str, ...]:
    """Say what the styles on this picture mean."""
    ordinary = [pill.label.word for pill in found if pill.label.word is not None]
    parts = (
        say("joined pieces make up one word") if len(set(ordinary)) < len(ordinary) else "",
        say("several ids: the bytes of one character") if any(len(pill.ids) > 1 for pill in found) else "",
        say("dot: a space that is part of the token") if any(pill.label.spaced for pill in found) else "",
        say("grey outline: added by the tokenizer") if any(pill.label.special for pill in found) else "",
        say("red outline: unknown, the model cannot see what is written there")
        if any(pill.label.unknown for pill in found)
        else "",
    )
    text = " · ".join(part for part in parts if part)
    return (words.opening(text),) if text else ()
