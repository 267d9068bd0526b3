"""Where an attention weight comes from: the product of a query and a key, watched as a model multiplies them.

Families do their arithmetic in different places, but all of it goes through torch: a product of queries and keys
``(..., M, N)`` is scaled, something is added to it or hidden in it, and its softmax is the weights. `ScoreTrace`
follows each product through these steps. Anything else that is done to one, such as a soft cap, ends its trace: what
that does to the number could not be told. Positions that are rotated into queries and keys are in them by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

PRODUCTS = {"matmul", "__matmul__", "bmm"}
SCALED = {"mul", "mul_", "__mul__", "__rmul__", "__imul__"}
DIVIDED = {"div", "div_", "__truediv__", "__itruediv__"}
ADDED = {"add", "add_", "__add__", "__radd__", "__iadd__", "masked_fill", "masked_fill_", "where"}
SAME = {"to", "type", "type_as", "float", "view", "reshape", "contiguous", "clone", "dropout"}
"""Functions of torch by name: what is followed. Those of the last change nothing in a model that is not trained."""


@dataclass(frozen=True, slots=True)
class TracedRow:
    """One row of one head of one layer.

    Attributes:
        query: ``(d,)``.
        key: ``(N, d)``.
        scale: What each product is multiplied by.
        scores: ``(N,)``, what the softmax was given.
        value: ``(N, d_v)``, what the weights are multiplied with; ``None`` where that was not seen.
    """

    query: Tensor
    key: Tensor
    scale: float
    scores: Tensor
    value: Tensor | None = None


@dataclass(frozen=True, slots=True)
class _Product:
    """A product on its way to the softmax: ``query @ key``, scaled, is in the tensor `now`."""

    query: Tensor
    key: Tensor
    now: Tensor
    scale: float = 1.0


class ScoreTrace(TorchFunctionMode):
    """Follows every attention through a forward pass of one text in its ``with`` block, and changes nothing.

    Args:
        head: The head whose row is kept.
        row: The row.
    """

    def __init__(self, head: int, row: int) -> None:
        super().__init__()
        self._head, self._row = head, row
        self._products: dict[int, _Product] = {}
        self._weights: dict[int, tuple[Tensor, int]] = {}  # tensors are kept, so that no other gets their id
        self._found: list[tuple[Tensor, TracedRow]] = []

    def row_of(self, weights: Tensor) -> TracedRow | None:
        """What became the row of a layer's weights ``(1, heads, M, N)``; ``None`` if it cannot be followed back.

        They are known by being the same tensor: numbers may be those of another layer, as all are of a single token.
        """
        known = self._weights.get(id(weights))
        return self._found[known[1]][1] if known else None

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run a function of torch, and note what it does to what is followed."""
        given = [*args, *(kwargs or {}).values()]
        known = next((self._products[id(one)] for one in given if id(one) in self._products), None)
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if isinstance(result, Tensor):
            self._note(name, given, kwargs or {}, known, result)
        elif name == "__setitem__":
            self._products.pop(id(args[0]), None)
        return result

    def _note(
        self, name: str, given: Sequence[Any], options: Mapping[str, Any], known: _Product | None, result: Tensor
    ) -> None:
        if name in PRODUCTS:
            self._products[id(result)] = _Product(given[0], given[1], result)
            self._multiplied(given[0], given[1])
        elif name == "baddbmm":  # one sum with what is added: ALiBi
            query, key = (options.get(f"batch{n}", given[n]) for n in (1, 2))
            self._products[id(result)] = _Product(query, key, result, float(options.get("alpha", 1)))
        elif name == "softmax" and known:
            self._softened(known, result)
        elif name in SAME and id(given[0]) in self._weights:
            self._weights[id(result)] = result, self._weights[id(given[0])][1]
        elif known:
            self._changed(name, given, known, result)

    def _changed(self, name: str, given: Sequence[Any], known: _Product, result: Tensor) -> None:
        """Go on following a product if it was only scaled, added to, or cut to another shape."""
        factor = _number(given[1]) if name in SCALED | DIVIDED and id(given[0]) in self._products else None
        self._products.pop(id(result), None)  # of what was changed in place
        if factor is not None:
            scale = known.scale / factor if name in DIVIDED else known.scale * factor
            self._products[id(result)] = replace(known, scale=scale, now=result)
        elif name in ADDED | SAME:
            self._products[id(result)] = replace(known, now=result)

    def _softened(self, known: _Product, weights: Tensor) -> None:
        """Keep the row of a product that has become weights."""
        *heads, _, looked = weights.shape
        count = heads[-1] if heads else 0
        scores = known.now
        self._products.clear()
        if self._head >= count or self._row >= weights.shape[-2] or scores.shape != weights.shape:
            return
        key = _of_head(known.key, count, self._head).mT
        query = _of_head(known.query, count, self._head)
        if len(key) != looked or len(query) != weights.shape[-2]:
            return
        self._weights[id(weights)] = weights, len(self._found)
        row = scores.reshape(count, -1, looked)[self._head, self._row].clone()
        self._found.append((weights, TracedRow(query[self._row].clone(), key.clone(), known.scale, row)))

    def _multiplied(self, left: Tensor, right: Tensor) -> None:
        """Keep the values that weights are multiplied with."""
        if id(left) in self._weights:
            number = self._weights[id(left)][1]
            weights, row = self._found[number]
            value = _of_head(right, weights.shape[1], self._head)
            self._found[number] = weights, replace(row, value=value.clone())


def _of_head(states: Tensor, heads: int, head: int) -> Tensor:
    """A head's part ``(N, d)`` of states of one text; where fewer heads are given, several share one."""
    states = states.reshape(-1, *states.shape[-2:])
    return states[head * len(states) // heads]


def _number(factor: Any) -> float | None:
    """What every product is multiplied by or divided by alike; ``None`` if they are not."""
    if isinstance(factor, Tensor):
        return float(factor) if factor.numel() == 1 else None
    return float(factor) if isinstance(factor, int | float) else None
