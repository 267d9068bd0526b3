"""What a head of one model does that a head of another does not, where both cut the text into the same tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps.selection import PARTS, Selection, select_tokens
from core.maps.two_models import Place, common_tokens
from core.render.kit.drawing.palette import Theme
from core.render.kit.squares.heatmap import MOST_TOKENS, Plot, draw_heatmap
from core.render.kit.view import Picture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.labels import labels
from core.render.two_models.naming import both_named, short_names
from core.render.two_models.places import check_places, heading, hidden, weights_at
from core.results import Drawing, Table, TwoMaps


@dataclass(frozen=True, slots=True, eq=False)
class TwoHeadsDifference(Picture):
    """The weights of a head of the second model minus those of a head of the first.

    Attributes:
        result: The maps of both.
        first: The layer of the first model and its head, from 1; ``None`` for the mean of the layer's heads.
        second: The same of the second model.
        theme: Dark or light.
        shown: Which tokens to show, see `core.maps.selection`.
        say: The language.

    Raises:
        BadInput: The models cut the text into different tokens, or one has no such layer or head.
    """

    result: TwoMaps
    first: Place = (1, None)
    second: Place = (1, None)
    theme: Theme = "dark"
    shown: str = "all"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        Picture.__post_init__(self)
        if not self.result.comparable:
            raise BadInput(
                "The two models cut that text into different tokens, so there is no difference to see: look at them "
                "side by side."
            )
        check_places(self.result, *self.places)

    @property
    def places(self) -> tuple[Place, Place]:
        """Layer and head of each."""
        return self.first, self.second

    @property
    def weights(self) -> words.Floats:
        """What is more in the second, float32 ``(N, N)``; each row sums to 0."""
        first, second = map(weights_at, self.result.maps, self.places)
        return second - first

    def finding(self, quote: words.Quote | None = None) -> str:
        """The largest difference, in one sentence: between different ordinary tokens, where there is one."""
        say, write, names = self.say, quote or words.quoting(self.say), short_names(self.result, quote)
        part = self._part()
        looking, looked = labels(part.rows), labels(part.columns)
        ordinary = words.strongest(part.weights, looked, 1, None if self.shown not in PARTS else looking)
        for row, column, share in ordinary or words.strongest(part.weights, looked, 1, looking, differences=True):
            more, less = names[::-1] if share > 0 else names
            return say(
                "{word} looks {points} points more at {other} in {more} than in {less}",
                word=write(looking[row].spoken),
                other=write(looked[column].spoken),
                points=words.decimal(say, 100 * abs(share), 1),
                more=more,
                less=less,
            )
        return say("Nothing differs.")

    def draw(self) -> Drawing:
        """Draw the differences as a square; of a long text, its first `MOST_TOKENS` tokens."""
        say, part, square = self.say, self._part(), self.shown not in PARTS
        columns = labels(part.columns)[:MOST_TOKENS]
        rows = columns if square else labels(part.rows)[:MOST_TOKENS]
        more, less = short_names(self.result)[::-1]
        plot = Plot(
            say("{second} minus {first}", **self._headings()),
            words.quoted(say, self.result.source.text),
            part.weights[: len(rows), : len(columns)],
            columns,
            (*hidden(say, self.shown), say(cautions.HEADS_APART), both_named(say, self.result)),
            self.theme,
            say("rows = from · columns = to · orange: more in {more}, blue: more in {less}", more=more, less=less),
            causal=square and all(one.causal for one in self.result.maps),
            rows=None if square else rows,
            signed=True,
            say=say,
            finding=self.finding(),
        )
        alt = words.alt(
            words.told(plot.finding),
            words.told(plot.title),
            *words.link_sentences(say, plot.weights, columns, rows, differences=True),
            *hidden(say, self.shown),
            words.text_told(say, self.result.source.text),
            say(cautions.HEADS_APART),
        )
        return draw_heatmap(plot).drawing(alt)

    def table(self) -> Table:
        """List each token with the three to which its attention differs most."""
        part = self._part()
        return words.link_table(self.say, part.weights, labels(part.rows), labels(part.columns), differences=True)

    def full(self) -> Table:
        """List every difference that is shown: a row for each token that looks, a column for each looked at."""
        say, part = self.say, self._part()
        names = [label.numbered for label in labels(part.rows)]
        cells = ([words.signed(say, weight, 6) for weight in row] for row in part.weights.tolist())
        rows = [(name, *row) for name, row in zip(names, cells, strict=True)]
        return words.table((say("from"), *(label.numbered for label in labels(part.columns))), rows)

    def _part(self) -> Selection:
        return select_tokens(common_tokens(self.result), np.asarray(self.weights), self.shown)

    def _headings(self) -> dict[str, str]:
        """Which head each is, without how many tokens there are: as many."""
        found = [
            heading(self.say, attention, place, model, encoder=attention is not answer, counted=False)
            for attention, place, model, answer in zip(
                self.result.maps, self.places, short_names(self.result), self.result.answers, strict=True
            )
        ]
        return dict(zip(("first", "second"), found, strict=True))
