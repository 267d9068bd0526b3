"""Which word looks at which, as lines between two columns of words."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps.selection import Selection, check_token, group_tokens, select_tokens
from core.render.attention.heads import HeadView
from core.render.kit.columns import Columns, draw_columns
from core.render.kit.drawing.palette import Theme
from core.render.kit.frame import WIDTH, Frame, draw_frame
from core.render.kit.squares.squares import full_table, top_links_table
from core.render.kit.view import HeadPicture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table

MOST_WORDS = 40
"""Between more the lines cannot be told apart, and a phone shows a small part of them at a time."""

LEAST = 0.05
"""A smaller share has no line."""


@dataclass(frozen=True, slots=True, eq=False)
class ArcsView(HeadPicture):
    """Words in two columns and lines between them, the thicker the more: BertViz's head view, standing still.

    Words of several pieces are one (`core.maps.selection`), and nothing is hidden.

    Attributes:
        map: The weights.
        layer: Which layer, from 1.
        head: Which head, from 1, or ``None`` for the mean of the layer's heads.
        position: A token of the word whose lines stand out, from 0; ``None`` for all alike.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such layer, head or token, or there are more words than `MOST_WORDS`.
    """

    map: AttentionMap
    layer: int
    head: int | None
    position: int | None = None
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        HeadPicture.__post_init__(self)
        if self.position is not None:
            check_token(self.map.queries, self.position)
        count = count_words(self.map)
        if count > MOST_WORDS:
            raise BadInput(
                "Lines between {count} words cannot be told apart: choose another picture, or at most {most} words.",
                count=count,
                most=MOST_WORDS,
            )

    @property
    def shown(self) -> str:
        """Which tokens are shown, see `core.maps.selection`."""
        return "words"

    @property
    def query(self) -> int | None:
        """The token whose word stands out."""
        return self.position

    def finding(self, quote: words.Quote | None = None) -> str:
        """What the word looks at, or the strongest link, in one sentence."""
        return self._head().finding(quote)

    def draw(self) -> Drawing:
        """Draw the lines; with a word, its own on top and the others faint."""
        say, part, model = self.say, self._part(), self.map.source.model
        plot, notes = self._plot(part), self._notes(part)
        reading = say("the thicker a line, the larger the share of attention")
        if self.map.signed:
            reading = say("the thicker a line, the larger the change · orange: more in the second text, blue: less")
        finding = self.finding()
        where = f"{self._head().title} · " if finding else ""
        lines = (f"{where}{model.name} · {words.size(say, self.map)}", reading)
        frame = Frame(finding or self._head().title, lines, notes, WIDTH, plot.height, self.theme, self.map.signed)
        canvas, top = draw_frame(frame)
        draw_columns(canvas, top, plot)
        return canvas.drawing(self._alt(part, plot, notes))

    def table(self) -> Table:
        """List each word with the three that it looks at most."""
        return top_links_table(self, self._head().weights)

    def full(self) -> Table:
        """List every weight between words."""
        return full_table(self, self._head().weights)

    def _head(self) -> HeadView:
        return HeadView(self.map, self.layer, self.head, query=self.position, say=self.say)

    def _part(self) -> Selection:
        return select_tokens(self.map.source, self._head().weights, self.shown, self.map.rows)

    def _plot(self, part: Selection) -> Columns:
        say, signed, chosen = self.say, self.map.signed, part.row(self.position)
        headings = say("looks (query)"), say("is looked at (key)")
        if self.map.rows and not signed:
            headings = say("is written (query)"), say("was read (key)")
        shares = {
            column: say.number(f"{100 * weight:+.1f}%").replace("-", "−") if signed else words.percent(say, weight)
            for column, weight in enumerate([] if chosen is None else part.weights[chosen].tolist())
            if abs(weight) >= LEAST
        }
        rows, columns = labels(part.rows), labels(part.columns)
        return Columns(headings, rows, columns, part.weights, LEAST, chosen, shares, signed, say)

    def _notes(self, part: Selection) -> tuple[str, ...]:
        """The caution, and what is merged and left out."""
        say, chosen = self.say, part.row(self.position)
        notes = [say(cautions.for_head(self.map, *self.indices))]
        if sum(part.weights.shape) < sum(self.map.weights.shape[-2:]):
            notes.append(say("Words of several pieces: weights to them are summed, those from them averaged."))
        if chosen is not None and not self.map.signed:
            row, word = part.weights[chosen], labels(part.rows)[chosen].text
            rest = words.percent(say, float(row[row < LEAST].sum()))
            least = say.number(f"{LEAST:.0%}")
            notes.append(
                say(
                    "Of what “{word}” looks at, {share} is in shares below {least}.", word=word, share=rest, least=least
                )
            )
        return tuple(notes)

    def _alt(self, part: Selection, plot: Columns, notes: tuple[str, ...]) -> str:
        say, title, model = self.say, self._head().title, self.map.source.model.name
        told, (caution, *others) = "", notes
        if plot.shares and plot.chosen is not None:
            order = sorted(plot.shares, key=lambda column: -abs(float(part.weights[plot.chosen, column])))[:5]
            looks = ", ".join(f"{plot.columns[column].spoken} {plot.shares[column]}" for column in order)
            told = f"{plot.rows[plot.chosen].spoken} → {looks}."
        apart = plot.rows if self.map.rows else None
        return words.alt(
            self.finding(),
            say("{title}: lines between words, in {model}.", title=title, model=model),
            told,
            *words.link_sentences(say, part.weights, plot.columns, apart, self.map.signed),
            *others,
            caution,
        )


def count_words(attention: AttentionMap) -> int:
    """How many words there are in the longer column, special tokens among them."""
    return max(len(group_tokens(one.tokens, "words")) for one in (attention.queries, attention.source))
