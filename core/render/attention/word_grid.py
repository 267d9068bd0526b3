"""What one word looks at in every head of every layer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import BadInput
from core.language import ENGLISH, Language
from core.maps.selection import check_token, sum_groups
from core.maps.word_links import LEAST, strongest_link
from core.render.kit.drawing.canvas import Canvas, shades
from core.render.kit.drawing.palette import Colour, Theme, colours, readable_on
from core.render.kit.drawing.text import line
from core.render.kit.frame import MARGIN, NOTE, SUBTITLE, TALLEST, WIDTH, Frame, draw_frame
from core.render.kit.legend import LEGEND, draw_legend, plan_legend
from core.render.kit.squares.tiles import COLOURS
from core.render.kit.view import HeadPicture
from core.render.kit.wording import cautions, words
from core.render.kit.wording.findings import LOOKS, WRITES, Finder, in_head
from core.render.kit.wording.labels import labels
from core.results import AttentionMap, Drawing, Table

_NUMBERS = 44  # pixels for the numbers of layers at the left, and of heads above
_NUMBERED, _LARGEST = 40, 96  # pixels: the side of a cell with a number, at least and at most
_GAP = 3  # pixels: the lattice in it
_NAMED = 6  # words that have a colour of their own
_OTHER: Colour = (153, 153, 153)
_STEPS = 5  # shades of a colour


@dataclass(frozen=True, eq=False)
class WordGrid(HeadPicture):
    """The other word that one word looks at most, in every head: its colour, and its share.

    Attributes:
        map: The weights.
        layer: The layer of the head to outline, from 1.
        head: That head, from 1, or ``None`` to outline the layer.
        position: A token of the word that looks, from 0.
        theme: Dark or light.
        say: The language.

    Raises:
        BadInput: There is no such layer, head or word, or the weights are differences.
    """

    map: AttentionMap
    layer: int
    head: int | None
    position: int
    theme: Theme = "dark"
    say: Language = ENGLISH

    def __post_init__(self) -> None:
        HeadPicture.__post_init__(self)
        if self.map.signed:
            raise BadInput("A difference has no picture of one token: choose another picture.")
        check_token(self.map.queries, self.position)

    def finding(self, quote: words.Quote | None = None) -> str:
        """Where it looks hardest at another word, in one sentence, as `strongest_link` finds it; nothing if nowhere."""
        layer, head = self._hardest
        weights = self.map.weights[layer, head].astype(np.float32)
        where = in_head(self.say, layer + 1, head + 1)
        return Finder(self.say, self.map, quote).link(WRITES if self.map.rows else LOOKS, weights, where, self.position)

    def draw(self) -> Drawing:
        """Draw a cell for each head."""
        say, (layers, heads) = self.say, self._shares.shape
        cell = min(_LARGEST, (WIDTH - 2 * MARGIN - _NUMBERS) // heads, (TALLEST - _NUMBERS) // layers)
        legend = plan_legend(((text, colour) for text, colour, _ in self._targets()), WIDTH)
        model = self.map.source.model
        frame = Frame(
            self.finding() or self._title(),
            (
                f"{self._title()} · {model.name} · {words.size(say, self.map)}",
                say(
                    "each row is a layer, each column a head · colour: the other word looked at most · number: its "
                    "share in %"
                ),
            ),
            (say(cautions.PATTERNS),),
            WIDTH,
            _NUMBERS + layers * cell + 16 + len(legend) * LEGEND,
            self.theme,
        )
        canvas, top = draw_frame(frame)
        self._draw_cells(canvas, MARGIN + _NUMBERS, top + _NUMBERS, cell)
        draw_legend(canvas, top + _NUMBERS + layers * cell + 16, legend, 16)
        return canvas.drawing(self._alt())

    def table(self) -> Table:
        """List for every head the other word that is looked at most, and its share."""
        say, names = self.say, self._names
        header = (say("layer"), *(say("head {head}", head=head + 1) for head in range(self.map.heads)))
        cells = [
            [
                f"{names[target]} {words.decimal(say, share)}" if share >= LEAST else ""
                for target, share in zip(*row, strict=True)
            ]
            for row in zip(self._keys.tolist(), self._shares.tolist(), strict=True)
        ]
        return words.table(header, [(str(layer), *row) for layer, row in enumerate(cells, 1)])

    @cached_property
    def _found(self) -> tuple[words.Floats, list[tuple[int, ...]]]:
        """What the word gives to each word ``(layers, heads, words)``, 0 to itself; and those words."""
        looked = self.map.source.words or [(0,)]  # a text may have no word
        own = self.map.queries.word_at(self.position)
        shares = sum_groups(self.map.weights[:, :, own].astype(np.float32).mean(axis=2), looked)
        if self.map.is_self_attention and own in looked:
            shares[..., looked.index(own)] = 0
        return shares, looked

    @cached_property
    def _hardest(self) -> tuple[int, int]:
        """The layer and the head in which it does."""
        link = strongest_link(self.map, self.position)
        layer, head = np.unravel_index(int(self._shares.argmax()), self._shares.shape)
        return (link.layer, link.head) if link else (int(layer), int(head))

    @property
    def _keys(self) -> np.ndarray:
        """Which word is looked at most ``(layers, heads)``."""
        return self._found[0].argmax(axis=-1)

    @property
    def _shares(self) -> words.Floats:
        """The share that it gets."""
        return self._found[0].max(axis=-1)

    @cached_property
    def _names(self) -> list[str]:
        finder = Finder(self.say, self.map, str)
        return [finder.word(self.map.source, places[0]) for places in self._found[1]]

    @cached_property
    def _ranked(self) -> list[tuple[int, int]]:
        """The words that are looked at most in some head, and in how many: those looked at hardest first."""
        pairs = [pair for pair in zip(self._keys.flat, self._shares.flat, strict=True) if pair[1] >= LEAST]
        heads = Counter(int(key) for key, _ in pairs)
        total = {key: sum(float(share) for other, share in pairs if other == key) for key in heads}
        return [(key, heads[key]) for key in sorted(heads, key=lambda key: -total[key])]

    def _targets(self) -> list[tuple[str, Colour, int]]:
        """What the colours mean: the word with its number of heads, the colour, the word's place."""
        say, palette = self.say, [colour for colour in COLOURS.values() if colour != _OTHER]
        named = [
            (f"{count} × {self._names[key]}", palette[number], key)
            for number, (key, count) in enumerate(self._ranked[:_NAMED])
        ]
        others = sum(count for _, count in self._ranked[_NAMED:])
        return [*named, (f"{others} × {say('other words')}", _OTHER, -1)] if others else named

    def _title(self) -> str:
        say = self.say
        name = words.quoted(say, labels(self.map.queries)[self.position].numbered)
        return say("{token} in every head", token=name)

    def _draw_cells(self, canvas: Canvas, left: int, top: int, cell: int) -> None:
        """Draw the cells, with numbers if there is room for them."""
        colour_of, ground = {key: colour for _, colour, key in self._targets()}, colours(self.theme).lattice
        gap = _GAP if cell > _NUMBERED // 2 else 1
        for (layer, head), share in np.ndenumerate(self._shares):
            x, y = left + head * cell, top + layer * cell
            colour = colour_of.get(int(self._keys[layer, head]), _OTHER)
            fill = shades(ground, colour, _STEPS)[round(float(share) ** 0.5 * _STEPS)]
            canvas.fill((x, y, x + cell - gap, y + cell - gap), fill)
            if share >= 0.05 and cell >= _NUMBERED:
                text, middle = line(f"{100 * share:.0f}", NOTE), (cell - gap) // 2
                canvas.write(x + middle, y + middle + 7, text, readable_on(fill), fill, "middle", steps=3)
        self._number(canvas, left, top, cell)

    def _number(self, canvas: Canvas, left: int, top: int, cell: int) -> None:
        """Number heads and layers from 1, every so many where they are close together; and outline the chosen."""
        (layers, heads), every, dim = self._shares.shape, -(-_NUMBERED // cell), canvas.colours.dim
        for head in range(0, heads, every):
            canvas.write(left + head * cell + cell // 2, top - 12, line(str(head + 1), SUBTITLE), dim, align="middle")
        for layer in range(0, layers, every):
            y = top + layer * cell + cell // 2 + 7
            canvas.write(left - 12, y, line(str(layer + 1), SUBTITLE), dim, align="right")
        first, last = (0, heads) if self.head is None else (self.head - 1, self.head)
        box = (left + first * cell - 3, top + (self.layer - 1) * cell - 3, left + last * cell, top + self.layer * cell)
        canvas.frame(box, canvas.colours.text, 3)

    def _alt(self) -> str:
        say = self.say
        told = ", ".join(text for text, _, _ in self._targets())
        return words.alt(
            self.finding(),
            say("{title} in {model}.", title=words.opening(self._title()), model=self.map.source.model.name),
            say("The other word it looks at most: {words}.", words=told) if told else "",
            say(cautions.PATTERNS),
        )
