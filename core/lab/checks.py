"""What can be worked out together."""

from __future__ import annotations

from core.errors import BadInput
from core.lab.exercise import PRODUCTS, Exercise
from core.lab.matrices import Matrix


def check_exercise(made: Exercise) -> None:
    """Refuse what does not fit together.

    Raises:
        BadInput: Says what, and what to change.
    """
    (_, depth), (keys, width), (values, passed) = made.sizes
    multiplied = any(kind in PRODUCTS for kind in made.kinds)
    if depth != width and (multiplied or not made.learned):
        raise BadInput(
            "The query has {of_query} columns and the key {of_key}: QKᵀ needs as many columns in both, so change one.",
            of_query=depth,
            of_key=width,
        )
    if depth != width and made.positions == "sinusoidal":
        raise BadInput("Positions need as many columns in the query as in the key: change one, or leave them out.")
    if keys != values:
        raise BadInput(
            "The key has {of_key} rows and the value {of_value}: each key needs one value, so change one.",
            of_key=keys,
            of_value=values,
        )
    if made.against == made.kind:
        raise BadInput("Both kinds are the same: choose another one for `against`.")
    if made.scale is not None and made.against and all(kind in PRODUCTS for kind in made.kinds):
        raise BadInput("The scale is all that tells these kinds apart: leave out `scale`, or choose another kind.")
    if made.against and (made.heads > 1 or made.block):
        raise BadInput("Two kinds are worked out side by side without heads and blocks: leave out `against`, or those.")
    _check_heads(made, depth, passed)
    _check_positions(made, depth)
    if made.learned:
        _check_learned(made)


def _check_heads(made: Exercise, depth: int, passed: int) -> None:
    if made.heads > 1 and made.kind not in PRODUCTS:
        raise BadInput("Heads are worked out of dot products only: leave out `heads`, or the kind.")
    if made.heads < 1 or depth % made.heads or passed % made.heads:
        raise BadInput(
            "{columns} columns cannot be split into {heads} heads of the same size: choose another number of heads.",
            columns=passed if not depth % max(made.heads, 1) else depth,
            heads=made.heads,
        )


def _check_positions(made: Exercise, depth: int) -> None:
    if made.encodings and made.positions == "none":
        raise BadInput("Without positions there are no encodings to show: choose sinusoidal or rotary ones.")
    if made.positions == "rotary" and (made.kind not in PRODUCTS or made.against not in (None, *PRODUCTS)):
        raise BadInput("Rotary positions are for dot products: choose another kind, or sinusoidal positions.")
    if made.positions == "rotary" and depth // made.heads % 2:
        raise BadInput(
            "Rotary positions turn numbers in pairs, and each head has {columns}: give it an even number of columns.",
            columns=depth // made.heads,
        )


def _check_learned(made: Exercise) -> None:
    """Hold that what was typed has the right sizes; how wide it is inside is free."""
    (_, depth), (_, width), _ = made.sizes
    sizes = {"W": (depth, width), "W₁": (None, depth), "W₂": (None, width), "F₁": (depth, None), "F₂": (None, depth)}
    wanted = list(made.wanted)
    typed = dict(zip(wanted, made.learned, strict=False))
    fits = len(wanted) == len(made.learned) and all(
        size in (None, found)
        for name, matrix in typed.items()
        for size, found in zip(sizes.get(name, (1, None)), matrix.shape, strict=True)
    )
    if not (fits and _chained(typed)):
        told = " | ".join(f"{name} {_size(*sizes.get(name, (1, None)))}" for name in wanted)
        if not told:
            raise BadInput("Nothing is learned here: leave out `learned`, or choose another kind or `show:block`.")
        raise BadInput(
            "The learned matrices do not fit: type {wanted}, where m is free, or leave `learned` out.", wanted=told
        )


def _chained(typed: dict[str, Matrix]) -> bool:
    """Whether matrices that meet inside are as wide as each other."""
    inner = {len(typed[name]) for name in ("W₁", "W₂") if name in typed}
    inner |= {typed["v"].shape[1]} if "v" in typed else set()
    fed = {typed["F₁"].shape[1], len(typed["F₂"])} if "F₁" in typed else set[int]()
    return len(inner) <= 1 and len(fed) <= 1


def _size(rows: int | None, columns: int | None) -> str:
    return f"{rows or 'm'} × {columns or 'm'}"
