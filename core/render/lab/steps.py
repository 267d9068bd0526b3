"""The steps of an exercise as matrices: what stands above each, and what is marked in it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from core.language import Language
from core.render.kit.squares.matrices import Marked, Matrix, named
from core.render.lab.names import Followed, Names
from core.results import Step, WorkedExercise

KIND_NAMES = {"scaled": "scaled dot product", "dot": "dot product", "additive": "additive", "general": "general"}
SCORES = {"scaled": "QKᵀ", "dot": "QKᵀ", "general": "QWKᵀ", "additive": "vᵀ tanh(W₁q + W₂k)"}
LEARNED = ("W", "W₁", "W₂", "v", "F₁", "F₂")

ENCODINGS = ("encodings", "likeness")
"""Those of many positions have a picture of their own."""

SHARES = ("scores", "scaled", "masked", "weights")
"""The steps ``(N, M)``."""

_RANKS = {
    "weights": 0,
    "output": 0,
    "normed_2": 0,
    "head_output": 1,
    "residual_1": 3,
    "residual_2": 3,
    **dict.fromkeys(("query", "key", "value", "scores", "scaled", "masked"), 1),
}
_USUAL = 2  # of the others: how readily they are left out where there is no room


@dataclass(frozen=True, slots=True)
class Layout:
    """How the steps of an exercise are laid out.

    Attributes:
        say: The language.
        worked: The exercise.
        names: Those of its rows.
        followed: What the sentences follow.
    """

    say: Language
    worked: WorkedExercise
    names: Names
    followed: Followed

    def matrices(self) -> Iterator[Matrix]:
        """All steps, those that were worked out numbered."""
        number = 0
        for step in self.worked.steps:
            if step.name in ENCODINGS:
                continue
            if self.worked.block and (step.name == "value" or (step.name == "key" and self._key != "key")):
                continue  # the same as the query
            given = step.name in ("query", "key", "value", *LEARNED)
            number += not given
            yield self.matrix(step, "" if given else f"{number}  ")

    def matrix(self, step: Step, before: str = "", heading: str = "") -> Matrix:
        """One step."""
        name, values = step.name, step.values
        if name == "hidden":
            values = values[self.followed.row]
        turned = name == self._key or name in ("W₁", "W₂") or (name == "mapped_key" and self.worked.kind == "general")
        rows, columns = self._named(name, len(values))
        weights, ours = name == "weights", step.head in (0, self.followed.head)
        return Matrix(
            self.say,
            before + (heading or self.heading(step, turned)),
            values.T if turned else values,
            columns if turned else rows,
            rows if turned else columns,
            3 if weights or name in ("output", "head_output") else 2,
            weights,
            self._marked(name, turned) if ours else None,
            _RANKS.get(name, _USUAL) + (0 if ours else 1 if weights else 3),
        )

    @property
    def _key(self) -> str:
        """The step whose transpose the queries are multiplied by; nothing for an additive score."""
        return "" if self.worked.kind == "additive" else self._used("key")

    def _used(self, name: str) -> str:
        """The step of query, key or value that the scores, or the output, are made of."""
        steps = [step.name for step in self.worked.steps if step.name in (name, f"head_{name}", f"placed_{name}")]
        return steps[-1]

    def _named(self, name: str, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        names = self.names
        if name in LEARNED:
            return (), ()
        if name in SHARES:
            return names.queries, names.keys
        if name == "positions":
            return tuple(map(str, range(count))), ()
        if name in ("key", "head_key", "placed_key", "mapped_key", "hidden"):
            return names.keys, ()
        if name in ("value", "head_value"):
            return names.values, ()
        return (names.queries if name.endswith("query") else names.outputs), ()

    def _marked(self, name: str, turned: bool) -> Marked | None:
        row, column = self.followed.row, self.followed.column
        if name in SHARES:
            return row, column
        mapped = {"general": ("mapped_key",), "additive": ("mapped_query", "mapped_key", "hidden")}
        keys = mapped.get(self.worked.kind, (self._used("key"),))
        if name in keys and not name.endswith("query"):
            return (None, column) if turned else (column, None)
        if name in (keys[0] if self.worked.kind == "additive" else self._used("query"), "output", "head_output"):
            return (row, None) if name != "output" or self.worked.heads == 1 else None
        return (column, None) if name == self._used("value") else None

    def heading(self, step: Step, turned: bool = False) -> str:
        """What stands above a step."""
        say, worked, head = self.say, self.worked, step.head
        symbol = {letter: named(letter, head - 1) if head else letter for letter in "QKV"}
        query, key = "XX" if worked.block else "QK"
        match step.name:
            case "query":
                return say("X: query, key and value") if worked.block else say("Query Q")
            case "key":
                return say("Key, transposed: Kᵀ") if turned else say("Key K")
            case "value":
                return say("Value V")
            case "positions":
                return say("Positions P") if worked.positions == "sinusoidal" else say("Angles: position · θ")
            case "placed_query" if worked.positions == "sinusoidal":
                return f"{query} + P"
            case "placed_key" if worked.positions == "sinusoidal":
                return f"({key} + P)ᵀ" if turned else f"{key} + P"
            case "placed_query" | "placed_key":
                letter = symbol[step.name[7].upper()]
                return say("{matrix} turned", matrix=f"{letter}ᵀ" if turned else letter)
            case "head_query" | "head_key" | "head_value":
                return symbol[step.name[5].upper()] + ("ᵀ" if turned else "")
            case "mapped_query":
                return "QW₁ᵀ"
            case "mapped_key":
                return "KW₂ᵀ" if worked.kind == "additive" else "WKᵀ"
            case "hidden":
                return f"tanh(W₁q + W₂k), q = {self.names.queries[self.followed.row]}"
            case name if name in LEARNED:
                return f"{name}ᵀ" if turned else name
            case name:
                return self._reached(name, head)

    def _reached(self, name: str, head: int) -> str:
        """What stands above scores and what is made of them."""
        say, worked, depth = self.say, self.worked, self.worked.query.shape[1] // self.worked.heads
        root = say("Scaled: ÷ √{depth} = {root:.3g}", depth=depth, root=math.sqrt(depth))
        texts = {
            "scores": say("Scores: {formula}", formula=scores(worked.kind, head)),
            "scaled": root if worked.scale is True else say("Scaled: × {factor:.3g}", factor=worked.scale),
            "masked": say("Masked: −10⁹ where hidden"),
            "weights": say("Weights: softmax of each row"),
            "head_output": say("Head {head}: weights × {matrix}", head=head, matrix=named("V", head - 1)),
            "output": say("Output: the heads side by side") if worked.heads > 1 else say("Output: weights × V"),
            "residual_1": say("Residual: input + output"),
            "normed_1": say("A: layer norm of each row"),
            "inner": say("Feed-forward: max(0, A F₁)"),
            "fed": say("Feed-forward: × F₂"),
            "residual_2": say("Residual: A + feed-forward"),
            "normed_2": say("Block: layer norm of each row"),
        }
        return texts[name]


def scores(kind: str, head: int = 0) -> str:
    """The formula of a kind's scores, of a head if there are several."""
    return f"{named('Q', head - 1)}{named('K', head - 1)}ᵀ" if head else SCORES[kind]


def kind_name(say: Language, kind: str) -> str:
    """What a kind is called."""
    return say(KIND_NAMES[kind])
