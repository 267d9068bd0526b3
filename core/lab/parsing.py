"""An exercise as it is typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.errors import BadInput
from core.lab.checks import check_exercise
from core.lab.exercise import KINDS, POSITIONS, Exercise, Scale
from core.lab.masks import read_mask, spell_mask
from core.lab.matrices import SEED, SEEDS, SHAPE, Matrix, read_matrix, read_scale, read_shape, spell_matrix

BLOCK, ENCODINGS = "block", "encodings"
"""What may be shown but attention alone."""

WIDTH = 4
"""Numbers in each row of random matrices of which only the names are typed."""

Names = tuple[tuple[str, ...], tuple[str, ...]]


def parse_exercise(
    *,
    query: str = "",
    key: str = "",
    value: str = "",
    mask: str = "",
    shape: str = "",
    seed: int | None = None,
    kind: str = "",
    against: str = "",
    scale: str = "",
    heads: int = 1,
    positions: str = "",
    show: str = "",
    learned: str = "",
    names: str = "",
) -> Exercise:
    """Read an exercise. What is left out: a key is the query, a value is the key, as in self-attention.

    Args:
        query: Rows separated by ``;`` or lines, numbers by spaces or commas; brackets do no harm.
        key: The same.
        value: The same.
        mask: ``causal``, ``local:2``, both, or a matrix of 0 and 1 (1 hides a key); empty or ``none`` for no mask.
        shape: Rows and columns of random matrices, such as ``3 4``; ``3 5 4`` for three queries and five keys.
        seed: Of the random numbers.
        kind: ``scaled`` (by default), ``dot``, ``additive`` or ``general``.
        against: One of these, to be worked out beside it.
        scale: ``on``, ``off`` or a number to multiply by; by default it is on for ``scaled`` alone.
        heads: Parts into which the columns are split.
        positions: ``none``, ``sinusoidal`` or ``rotary``.
        show: ``block`` for what follows attention in a Transformer, too; ``encodings`` for those of many positions.
        learned: W of ``general``, ``W₁ | W₂ | v`` of ``additive``, ``F₁ | F₂`` of a block's feed-forward network.
        names: Words for the queries, after a ``;`` those for the keys; the same ones if there is no ``;``.

    Raises:
        BadInput: It cannot be read, or its parts do not fit together.
    """
    named, shown = _names(names), _choice("show", show, (BLOCK, ENCODINGS))
    block = shown == BLOCK
    if query.strip():
        if shape.strip() or seed is not None:
            raise BadInput("A shape and a seed are for random matrices: leave them out, or leave out the typed ones.")
        given = Exercise(_typed(query, key, value))
    elif key.strip() or value.strip():
        raise BadInput("A key or a value needs a query: type all three, or leave all three out for random ones.")
    else:
        given = _random(shape, SEED if seed is None else seed, named)
    if block and (key.strip() or value.strip() or given.sizes[0] != given.sizes[1]):
        raise BadInput("A block makes query, key and value of the same rows: leave out the key and the value.")
    (rows, _), (columns, _), _ = given.sizes
    made = replace(
        given,
        mask=read_mask(mask, rows, columns),
        kind=_choice("kind", kind, KINDS) or "scaled",
        against=_choice("against", against, KINDS) or None,
        scale=read_scale(scale),
        heads=heads,
        positions=_choice("positions", positions, POSITIONS) or ("sinusoidal" if shown == ENCODINGS else "none"),
        block=block,
        encodings=shown == ENCODINGS,
        learned=tuple(read_matrix("learned", part) for part in learned.split("|")) if learned.strip() else (),
        names=_fitting(named, rows, columns),
    )
    check_exercise(made)
    return replace(made, options=_options(made, mask))


def _typed(query: str, key: str, value: str) -> tuple[Matrix, Matrix, Matrix]:
    typed = read_matrix("query", query)
    keys = read_matrix("key", key) if key.strip() else typed
    return typed, keys, read_matrix("value", value) if value.strip() else keys


def _random(shape: str, seed: int, names: Names) -> Exercise:
    if not 0 <= seed < SEEDS:
        raise BadInput("A seed goes from 0 to {most:,}: choose one of these.", most=SEEDS - 1)
    named = f"{len(names[0])} {len(names[1])} {WIDTH}" if names[0] else SHAPE
    return Exercise(shape=read_shape(shape.strip() or named), seed=seed)


def _choice(option: str, text: str, known: tuple[str, ...]) -> Any:
    """One of several words, however it is written; nothing if nothing is typed."""
    found = text.strip().casefold()
    if found and found not in known:
        raise BadInput(
            "There is no such choice of `{option}`: choose one of {choices}.", option=option, choices=", ".join(known)
        )
    return found


def _names(text: str) -> Names:
    queries, _, keys = text.partition(";")
    found = tuple(queries.split())
    return found, tuple(keys.split()) or found


def _fitting(names: Names, rows: int, columns: int) -> Names:
    if (names[0] or names[1]) and (len(names[0]), len(names[1])) != (rows, columns):
        raise BadInput(
            "There are {queries} queries and {keys} keys: write a word for each query, "
            "then a semicolon and a word for each key if these are others.",
            queries=rows,
            keys=columns,
        )
    return names


def _options(made: Exercise, mask: str) -> dict[str, str | int]:
    """What has to be typed to get the same exercise again: matrices exactly, and only what is not as usual."""
    found: dict[str, str | int | None] = {"shape": "", "seed": None}
    if made.matrices:
        query, key, value = map(spell_matrix, made.matrices)
        found |= {"query": query, "key": "" if key == query else key, "value": "" if value == key else value}
    else:
        queries, keys, depth = made.shape
        found |= {"shape": f"{queries} {depth}" if queries == keys else f"{queries} {keys} {depth}", "seed": made.seed}
    queries, keys = (" ".join(names) for names in made.names)
    found |= {
        "mask": "" if made.mask is None else spell_mask(mask, made.mask),
        "kind": "" if made.kind == "scaled" else made.kind,
        "against": made.against,
        "scale": _spelt(made.scale),
        "heads": made.heads if made.heads > 1 else None,
        "positions": "" if made.positions == "none" else made.positions,
        "show": BLOCK if made.block else ENCODINGS if made.encodings else "",
        "learned": " | ".join(map(spell_matrix, made.learned)),
        "names": queries if queries == keys else f"{queries}; {keys}",
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def _spelt(scale: Scale) -> str:
    if scale is None:
        return ""
    return ("on" if scale else "off") if isinstance(scale, bool) else str(scale)
