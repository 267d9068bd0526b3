"""A text cut into its tokens, in the shape of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.pieces import bytes_of
from core.render import words
from core.render.frame import WIDTH, Frame, framed
from core.render.palette import Theme
from core.render.pills import ROW, Pill, draw_strip, pills, places
from core.results import Drawing, Table, Tokenization

_MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class TokenStrip:
    """The tokens of a text with their ids.

    Attributes:
        result: The text and its tokens.
        theme: Dark or light.
    """

    result: Tokenization
    theme: Theme = "dark"

    def draw(self) -> Drawing:
        """Draw the tokens as pills, joined where they make up a word; of a long text, the first rows."""
        source, found = self.result, pills(self.result)
        laid = places(source, found, _MOST_ROWS)
        rows = 1 + max((place.row for place in laid), default=-1)
        count = len(source.tokens)
        title = f"{words.count_tokens(count)} · {len(source.text):,} characters"
        seen = sum(len(found[place.index].ids) for place in laid)
        shown = f"showing 1–{seen} of {count:,}" if seen < count else ""
        lines = (" · ".join(part for part in (source.model.name, source.kind, shown) if part),)
        notes = (*_legend(found[: len(laid)]), *words.bundled_note(source.model))
        canvas, top = framed(Frame(title, lines, notes, WIDTH, rows * ROW, self.theme))
        draw_strip(canvas, top, source, found, laid)
        return Drawing(canvas.png(), self._alt(found, shown), canvas.width, canvas.height)

    def table(self) -> Table:
        """List every token with its id, the characters that it stands for and, if pieces are bytes, these."""
        rows: list[tuple[str, ...]] = []
        for number, token in enumerate(self.result.tokens, 1):
            note = "special" if token.special else "unknown" if token.unknown else ""
            span = f"{token.start}–{token.end}" if token.end > token.start else ""
            written = bytes_of(self.result, token).hex(" ").upper()
            rows.append((str(number), token.piece, str(token.id), span, written, note))
        header = ("#", "token", "id", "characters", "bytes", "note")
        if not any(row[4] for row in rows):
            header, rows = _without(header, 4), [_without(row, 4) for row in rows]
        return words.table(header, rows)

    def _alt(self, found: Sequence[Pill], shown: str) -> str:
        unknown = list(dict.fromkeys(pill.label.text for pill in found if pill.label.unknown))
        listed = " | ".join(f"{pill.label.text} {pill.numbers}" for pill in found)
        return words.alt(
            f"{words.count_tokens(len(self.result.tokens))} by the tokenizer of {self.result.model.name}"
            + (f", {shown}." if shown else "."),
            f"Unknown to its vocabulary: {', '.join(unknown)}." if unknown else "",
            f"Tokens with their ids: {listed}.",
        )


def _without(row: tuple[str, ...], column: int) -> tuple[str, ...]:
    return (*row[:column], *row[column + 1 :])


def _legend(found: Sequence[Pill]) -> tuple[str, ...]:
    """Say what the styles on this picture mean."""
    ordinary = [pill.label.word for pill in found if pill.label.word is not None]
    parts = (
        "joined pieces make up one word" if len(set(ordinary)) < len(ordinary) else "",
        "several ids: the bytes of one character" if any(len(pill.ids) > 1 for pill in found) else "",
        "dot: a space that is part of the token" if any(pill.label.spaced for pill in found) else "",
        "grey outline: added by the tokenizer" if any(pill.label.special for pill in found) else "",
        "red outline: unknown, the model cannot see what is written there"
        if any(pill.label.unknown for pill in found)
        else "",
    )
    text = " · ".join(part for part in parts if part)
    return (text[0].upper() + text[1:],) if text else ()
