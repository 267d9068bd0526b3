"""What the picture of an exercise says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.lab import MASKED_BELOW
from core.language import Language
from core.render.kit.squares.matrices import written
from core.render.kit.wording import cautions, words
from core.render.lab.names import Followed, Names
from core.render.lab.steps import SCORES, kind_name
from core.results import WorkedExercise

_TERMS = 4  # of a sum that is written out
_EVEN = 1e-6  # how far apart weights that are called alike may be


def found(say: Language, worked: WorkedExercise, quote: words.Quote) -> str:
    """Which query looks most at which key, of those that see several."""
    names, at = Names.of(worked), Followed.of(worked)
    if np.ptp(worked.weights) < _EVEN and not worked.against:
        return say("Every query looks at all keys alike")
    query, key = names.told(names.queries[at.row], quote), names.told(names.keys[at.column], quote)
    share = written(say, _share(worked, at), 3)
    if worked.against:
        return say(
            "{query} looks at {key}: {share} by {kind}, {other} by {against}",
            query=query,
            key=key,
            share=share,
            kind=kind_name(say, worked.kind),
            other=written(say, _share(worked.against, at), 3),
            against=kind_name(say, worked.against.kind),
        )
    alike = _alike(worked, at)
    if len(alike) == 1:
        return at.told(say, say("{query} looks most at {key}: {share}", query=query, key=key, share=share))
    if len(alike) == len(names.keys):
        return at.told(say, say("{query} looks at all keys alike: {share} each", query=query, share=share))
    keys = ", ".join(names.told(names.keys[place], quote) for place in alike)
    return at.told(say, say("{query} looks most at {keys}: {share} each", query=query, keys=keys, share=share))


def lines(say: Language, worked: WorkedExercise) -> tuple[str, ...]:
    """What is worked out: the kind, its formula, how large, and where the numbers are from."""
    kinds = [done for done in (worked, worked.against) if done]
    (count, depth), (keys, width) = worked.query.shape, worked.key.shape
    size = f"{count} × {depth}" if (count, depth) == (keys, width) else f"Q {count} × {depth}, K {keys} × {width}"
    seed = worked.seed
    origin = say("typed numbers") if seed is None else say("random numbers, seed {seed}", seed=str(seed))
    return (
        f"{say('Attention, step by step')} · {', '.join(kind_name(say, done.kind) for done in kinds)}",
        *(_formula(say, done) for done in kinds),
        f"{size} · {origin}",
    )


def _formula(say: Language, worked: WorkedExercise) -> str:
    depth = worked.query.shape[1] // worked.heads
    factor = f" · {worked.scale:.3g}" if worked.scale is not True and worked.scale is not False else ""
    scale = f" / √{depth}" if worked.scale is True else factor
    mask = "" if worked.masked is None else f" + {say('mask')} · (−10⁹)"
    formula = f"softmax({SCORES[worked.kind]}{say.number(scale)}{mask}) V"
    if worked.heads > 1:
        formula = f"{say('{count} heads', count=worked.heads)}: {formula}"
    return f"{formula} → LayerNorm → max(0, A F₁) F₂ → LayerNorm" if worked.block else formula


def notes(say: Language, worked: WorkedExercise) -> Iterator[str]:
    """Follow the strongest weight, and say what is odd."""
    names, at, quote = Names.of(worked), Followed.of(worked), words.quoting(say)
    query, key = (names.told(name, quote) for name in (names.queries[at.row], names.keys[at.column]))
    products = [f"{_factor(say, left)}·{_factor(say, right)}" for left, right in _pairs(worked, at)]
    several = products if len(products) <= _TERMS else [*products[: _TERMS - 1], "…"]
    scaled = worked.step("scaled", at.head)
    told = {
        "link": {"general": f"{query}·W{key}", "additive": f"{query}, {key}"}.get(worked.kind, f"{query}·{key}"),
        "products": " + ".join(several),
        "score": written(say, _at(worked, "scores", at), 2),
        "share": written(say, _share(worked, at), 3),
        "query": query,
        "output": names.told(names.outputs[at.row], quote),
        "value": names.told(names.values[at.column], quote),
    }
    sentence = (
        say(
            "Follow {link}: {products} = {score}; softmax makes it {share} of the row of "
            "{query}, so {output} takes {share} of {value}.",
            **told,
        )
        if scaled is None
        else say(
            "Follow {link}: {products} = {score}; scaled, {scaled}; softmax makes it {share} of the row of "
            "{query}, so {output} takes {share} of {value}.",
            scaled=written(say, float(scaled[at.row, at.column]), 2),
            **told,
        )
    )
    yield at.told(say, sentence)
    if worked.against:
        yield say(
            "Mean entropy of a row of weights: {one} bits by {kind}, {other} bits by {against}; the less, the sharper.",
            one=words.decimal(say, _entropy(worked)),
            kind=kind_name(say, worked.kind),
            other=words.decimal(say, _entropy(worked.against)),
            against=kind_name(say, worked.against.kind),
        )
    if worked.positions != "none" and not (worked.block and worked.positions == "sinusoidal"):
        yield positions_note(say, worked)
    if worked.masked is not None and (worked.masked < MASKED_BELOW).all(axis=-1).any():
        yield say("Where a row hides every key, −10⁹ stands everywhere and cancels out: the weights are even.")


def positions_note(say: Language, worked: WorkedExercise) -> str:
    """What is done with positions."""
    return say(cautions.TURNED) if worked.positions == "rotary" else say(cautions.ADDED)


def listed(say: Language, names: tuple[str, ...], values: words.Floats) -> str:
    """``q₁ 0.302 0.310 0.388; q₂ …``."""
    rows = (" ".join(written(say, value, 3) for value in row) for row in values.tolist())
    return "; ".join(f"{name} {row}" for name, row in zip(names, rows, strict=True))


def _pairs(worked: WorkedExercise, at: Followed) -> list[tuple[float, float]]:
    """The numbers that are multiplied and summed up to the followed score."""
    hidden = worked.step("hidden")
    if hidden is not None:
        vector = worked.step("v")
        left, right = np.ravel(vector if vector is not None else hidden), hidden[at.row, at.column]
    else:
        left, right = _used(worked, "query", at)[at.row], _used(worked, "key", at)[at.column]
    return list(zip(left.tolist(), right.tolist(), strict=True))


def _used(worked: WorkedExercise, name: str, at: Followed) -> words.Floats:
    """The query or the key that is multiplied."""
    steps = (worked.step(f"{before}{name}", at.head) for before in ("mapped_", "placed_", "head_", ""))
    return next(step for step in steps if step is not None)


def _at(worked: WorkedExercise, name: str, at: Followed) -> float:
    step = worked.step(name, at.head)
    return float("nan") if step is None else float(step[at.row, at.column])


def _share(worked: WorkedExercise, at: Followed) -> float:
    return _at(worked, "weights", at)


def _alike(worked: WorkedExercise, at: Followed) -> list[int]:
    """The keys that share the largest weight of the followed row."""
    row = (worked.weights[at.head - 1] if at.head else worked.weights)[at.row]
    return np.flatnonzero(row.max() - row < _EVEN).tolist()


def _entropy(worked: WorkedExercise) -> float:
    weights = worked.weights.astype(np.float64)
    return float(-(weights * np.log2(np.where(weights > 0, weights, 1))).sum(axis=-1).mean())


def _factor(say: Language, value: float) -> str:
    text = written(say, value, 2)
    return f"({text})" if value < 0 else text
