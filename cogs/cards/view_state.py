"""How an attention map is looked at, small enough to travel in a control's custom_id."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Self

from core.errors import BadInput, Expired
from core.maps.tour import NotableHead, choose_heads
from core.maps.word_links import find_word, strongest_link
from core.render.kit.drawing.palette import Theme
from core.results import AttentionMap, TwoMaps

MEAN = -1
"""The number that stands for the mean of a layer's heads."""

NO_TOKEN = -1
"""The number that stands for no token in particular."""

TOKENS = {
    "all": "All tokens",
    "plain": "No special tokens",
    "words": "Whole words",
    "bare": "Whole words, no special tokens",
    "aa": "First text → first text",
    "ab": "First text → second text",
    "ba": "Second text → first text",
    "bb": "Second text → second text",
}
"""Which tokens are shown, see `core.maps.selection`; the last four make sense for a pair of texts."""

THEMES = {"dark": "Dark", "light": "Light"}
"""The grounds that a picture can have."""

MAPS = {
    "cross": "Decoder looks at encoder",
    "encoder": "Encoder looks at itself",
    "decoder": "Decoder looks at itself",
    "difference": "Second text minus first",
    "first": "First text",
    "second": "Second text",
}
"""Which of several maps is looked at, where a result has more than one."""

VERSIONS = ("first", "second")
"""Those of `MAPS` that are of one of two texts whose difference is another."""

LIKEWISE = -2
"""The number of a layer or head of a second model that goes along with that of the first."""

OF_SECOND = {"beside": "other_layer", "besidehead": "other_head"}
"""What selects change of the second of two models, by their action."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """One picture of a map.

    Attributes:
        kind: A name in `cogs.cards.attention_views.ATTENTION_VIEWS`.
        layer: From 0.
        head: From 0, or `MEAN`.
        token: The token that a picture is about, from 0, or `NO_TOKEN`.
        shown: One of `TOKENS`.
        side: Which of `maps_of`, or nothing for the first.
        theme: Dark or light; of every picture, also where there is no map.
        other_layer: Beside another model, the layer of that; or `LIKEWISE`.
        other_head: The same of its head.
    """

    kind: str = "head"
    layer: int = 0
    head: int = MEAN
    token: int = NO_TOKEN
    shown: str = "all"
    side: str = ""
    theme: Theme = "dark"
    other_layer: int = LIKEWISE
    other_head: int = LIKEWISE

    @classmethod
    def initial(cls, result: AttentionMap, side: str = "", word: str = "") -> Self:
        """What to open on, of one side.

        With a word, the head in which it looks hardest at another one. Else the head of a link that stands out, such as
        from a pronoun to its noun; else the head most worth seeing (in cross-attention the one that aligns best); else
        the mean of the first layer.

        Raises:
            BadInput: There is no such word.
        """
        state = cls(side=side)
        return state._about(result, word) if word else state._worth_seeing(state.map_of(result))

    def _about(self, result: AttentionMap, word: str) -> Self:
        """A word of what looks; of a text that was only read, where a decoder wrote another, the encoder's own."""
        try:
            state, query = self, find_word(self.map_of(result).queries, word)
        except BadInput:
            if "encoder" not in result.related:
                raise
            state = replace(self, side="encoder")
            query = find_word(state.map_of(result).queries, word)
        attention = state.map_of(result)
        link = strongest_link(attention, query)
        found = replace(state, layer=link.layer, head=link.head) if link else state._worth_seeing(attention)
        return replace(found, kind="token", token=query)

    def _worth_seeing(self, attention: AttentionMap) -> Self:
        stops = choose_heads(attention, 1)
        return self.at(stops[0]) if stops else self

    def at(self, stop: NotableHead) -> Self:
        """The same, at a head worth seeing, and at the word that makes it so."""
        token = stop.link.query if stop.link else self.token
        return replace(self, layer=stop.layer, head=stop.head, token=token)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises:
            Expired: It was written by another version.
        """
        try:
            kind, layer, head, token, shown, side, theme, *others = text.split(".")
            beside = map(int, others or [LIKEWISE] * 2)
            state = cls(kind, int(layer), int(head), int(token), shown, side, _theme(theme), *beside)
        except (TypeError, ValueError):
            raise Expired from None
        if state.layer < 0 or state.head < MEAN or state.token < NO_TOKEN:
            raise Expired
        if state.other_layer < LIKEWISE or state.other_layer == MEAN or state.other_head < LIKEWISE:
            raise Expired
        return state

    def change(self, name: str, value: str) -> Self:
        """Another value of one attribute, as a select gives it.

        Raises:
            Expired: There is no such value.
        """
        parts = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        if together := OF_SECOND.get(name):  # the same number as the first model's: from now on, both move together
            value = str(LIKEWISE) if value == parts[together.removeprefix("other_")] else value
        parts[together or name] = value
        return self.parse(".".join(parts.values()))

    def __str__(self) -> str:
        beside = (self.other_layer, self.other_head)
        others = "" if beside == (LIKEWISE, LIKEWISE) else f".{self.other_layer}.{self.other_head}"
        return f"{self.kind}.{self.layer}.{self.head}.{self.token}.{self.shown}.{self.side}.{self.theme}{others}"

    def to_recipe(self) -> dict[str, Any]:
        """What to type to see this again, as options of /attention; `cogs.requests.replay` reads it."""
        by_head = {"layer": self.layer + 1, **({"head": self.head + 1} if self.head != MEAN else {})}
        by_token = {"token": self.token + 1} if self.token != NO_TOKEN else {}
        by_side = {"side": self.side} if self.side else {}
        beside = {"with_layer": self.other_layer, "with_head": self.other_head}
        others = {name: number + 1 for name, number in beside.items() if number != LIKEWISE}
        look = {"view": self.kind, "shown": self.shown, "theme": self.theme}
        return {**by_head, **by_token, **by_side, **others, **look}

    @property
    def in_other_theme(self) -> Self:
        """The same, light instead of dark or dark instead of light."""
        return replace(self, theme="light" if self.theme == "dark" else "dark")

    def detail_for(self, way: str) -> str:
        """The detail of a control that leads to another answer, in the same theme; `parse_detail` reads it."""
        return way if self.theme == "dark" else f"{way}.{self.theme}"

    @staticmethod
    def parse_detail(detail: str) -> tuple[str, Theme]:
        """The way to the other answer that `detail_for` wrote, and its theme."""
        way, _, theme = detail.partition(".")
        return way, _theme(theme)

    @property
    def one_head(self) -> int | None:
        """The head, or `None` for the mean."""
        return None if self.head == MEAN else self.head

    @property
    def place(self) -> tuple[int, int | None]:
        """The layer and the head, counted from 1 as people do; `None` for the mean."""
        return self.layer + 1, counted(self.one_head)

    @property
    def off(self) -> tuple[int, int] | None:
        """The head that is switched off, with its layer, counted from 1; `None` for none in particular."""
        layer, head = self.place
        return None if head is None else (layer, head)

    def query(self, attention: AttentionMap) -> int | None:
        """The token, or `None` for none in particular; also where the map has no such token."""
        return self.token if 0 <= self.token < len(attention.queries.tokens) and not attention.signed else None

    def map_of(self, result: AttentionMap | TwoMaps) -> AttentionMap:
        """The map that is looked at.

        Raises:
            Expired: The result has no such side.
        """
        found = maps_of(result)
        try:
            return found[self.side] if self.side or not isinstance(result, AttentionMap) else result
        except KeyError:
            raise Expired from None

    def step(self, attention: AttentionMap, by: int) -> Self:
        """The state for the next head (or the one before), layer after layer, round at the ends."""
        heads = attention.heads + 1  # the mean comes first
        number = (self.layer * heads + self.head + 1 + by) % (attention.layers * heads)
        return replace(self, layer=number // heads, head=number % heads - 1)


def counted(index: int | None) -> int | None:
    """A layer or a head as people and `core` count it, from 1."""
    return None if index is None else index + 1


def maps_of(result: AttentionMap | TwoMaps) -> dict[str, AttentionMap]:
    """The maps of a result by a key of `MAPS`, its own first; none where there is only one."""
    if isinstance(result, TwoMaps):
        return dict(zip(VERSIONS, result.maps, strict=True))
    if not result.related:
        return {}
    return {"difference" if result.signed else "cross": result, **result.related}


def _theme(name: str) -> Theme:
    return "light" if name == "light" else "dark"
