"""How long pictures take, beside seaborn and Matplotlib in the same run: ``python -m benchmarks.drawing``.

Each picture is drawn in turn by every drawer, so that a busy moment of the machine touches all of them alike. The
others draw as many pixels as we do, with every token named and no name cut off. The table gives medians with the
lower and upper quartile, in milliseconds of CPU time. seaborn and Matplotlib are no dependencies of the project (``pip
install seaborn`` brings both); without them their columns say so.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise

import numpy as np

from core.render import HeadView, OverviewGrid
from core.results import AttentionMap, ModelInfo, Token, Tokenization

TEXT = "the cat sat on the mat because it was tired and the dog barked at every passing car all night long"
DPI = 100
Draw = Callable[[], bytes]


def attention(count: int, layers: int, heads: int) -> AttentionMap:
    """Invent attention of some heads over `count` tokens."""
    words = (TEXT.split() * count)[:count]
    tokens = tuple(Token(place, word, 0, 0, word=place) for place, word in enumerate(words))
    scores = np.random.default_rng(0).normal(size=(layers, heads, count, count)) * 2
    weights = np.exp(scores)
    weights /= weights.sum(axis=-1, keepdims=True)
    return AttentionMap(Tokenization(" ".join(words), ModelInfo("a-model"), tokens), weights.astype(np.float16))


def by_seaborn(data: AttentionMap) -> bytes:
    """Draw one head as `seaborn.heatmap` does it, or a grid of heads as Matplotlib's subplots do."""
    import matplotlib.pyplot as plt
    import seaborn

    if data.heads == 1:
        names = [token.piece for token in data.source.tokens]
        figure, axes = plt.subplots(figsize=inches(data))
        seaborn.heatmap(data.weights[0, 0].astype(np.float32), xticklabels=names, yticklabels=names, ax=axes)
    else:
        figure, grid = plt.subplots(data.layers, data.heads, figsize=inches(data))
        for axes, weights in zip(grid.flat, data.weights.reshape(-1, *data.weights.shape[2:]), strict=True):
            axes.imshow(weights.astype(np.float32))
            axes.set_axis_off()
    return saved(figure)


def by_matplotlib(data: AttentionMap) -> bytes:
    """Draw the same with a figure of its own, without pyplot; a grid of heads as one tiled image."""
    from matplotlib.figure import Figure

    count = len(data.source.tokens)
    figure = Figure(figsize=inches(data))
    axes = figure.subplots()
    tiled = data.weights.transpose(0, 2, 1, 3).reshape(data.layers * count, data.heads * count)
    picture = axes.imshow(tiled.astype(np.float32))
    figure.colorbar(picture)
    if data.heads == 1:
        names = [token.piece for token in data.source.tokens]
        axes.set_xticks(range(count), names, rotation=90)
        axes.set_yticks(range(count), names)
    return saved(figure)


@lru_cache(maxsize=8)
def inches(data: AttentionMap) -> tuple[float, float]:
    """Return the size of our own picture of the same weights."""
    drawing = view(data).draw()
    return drawing.width / DPI, drawing.height / DPI


def saved(figure) -> bytes:
    """Return the figure as a PNG file and forget it."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight")
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)
    return file.getvalue()


def view(data: AttentionMap) -> HeadView | OverviewGrid:
    """Choose our picture: of the only head, or of all of them."""
    return HeadView(data, 1, 1) if data.heads == 1 else OverviewGrid(data, 1, 1)


def by_us(data: AttentionMap) -> bytes:
    """Draw with `core.render`."""
    return view(data).draw().png


def timed(drawers: dict[str, Draw], rounds: int) -> dict[str, tuple[list[float], int]]:
    """Draw with each in turn; return the milliseconds of every round and the size of the file, per drawer."""
    sizes = {name: len(draw()) for name, draw in drawers.items()}
    taken: dict[str, list[float]] = {name: [] for name in drawers}
    for _ in range(rounds):
        for name, draw in drawers.items():
            start = time.process_time()
            draw()
            taken[name].append(1000 * (time.process_time() - start))
    return {name: (taken[name], sizes[name]) for name in drawers}


def cell(taken: list[float], size: int) -> str:
    """Write median, quartiles and size."""
    low, middle, high = statistics.quantiles(taken, n=4)
    return f"{middle:.1f} ({low:.1f}–{high:.1f}), {size / 1000:.0f} KB"


async def lateness(work: asyncio.Future[object]) -> list[float]:
    """How late the event loop was until something was done, in milliseconds, sorted."""
    loop, ticks, step = asyncio.get_running_loop(), [], 0.002
    while not work.done():
        ticks.append(loop.time())
        await asyncio.sleep(step)
    return sorted(1000 * (later - earlier - step) for earlier, later in pairwise(ticks))


async def lag(pictures: int) -> dict[str, list[float]]:
    """Draw many pictures at once in one thread, then do nothing for as long; `lateness` of both."""
    views = [HeadView(attention(24, 1, 1), 1, 1) for _ in range(pictures)]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        start = loop.time()
        drawing = await lateness(
            asyncio.ensure_future(asyncio.gather(*(loop.run_in_executor(thread, view.draw) for view in views)))
        )
        resting = await lateness(asyncio.ensure_future(asyncio.sleep(loop.time() - start)))
    return {f"while {pictures} pictures of 24 tokens are drawn in one thread": drawing, "with nothing to do": resting}


def presses(count: int) -> list[float]:
    """Draw one head after the other, as presses of "Next head" do; return the CPU milliseconds of each, sorted."""
    data, taken = attention(count, 12, 12), []
    for number in range(60):
        start = time.process_time()
        HeadView(data, number // 12 + 1, number % 12 + 1).draw()
        taken.append(1000 * (time.process_time() - start))
    return sorted(taken[10:])


def main() -> None:
    """Print the tables."""
    others = {"seaborn / subplots": ("seaborn", by_seaborn), "Matplotlib": ("matplotlib", by_matplotlib)}
    present = {name: draw for name, (module, draw) in others.items() if find_spec(module)}
    print("| picture | core.render |", " | ".join(others), "| times faster |")
    print("|---|---|" + "---|" * (len(others) + 1))
    cases = {"24 tokens": (attention(24, 1, 1), 9), "64 tokens": (attention(64, 1, 1), 5)}
    cases["12 × 12 heads of 32 tokens"] = attention(32, 12, 12), 3
    for name, (data, rounds) in cases.items():
        drawers = {title: lambda draw=draw, data=data: draw(data) for title, draw in {"us": by_us, **present}.items()}
        found = timed(drawers, rounds)
        cells = [cell(*found[title]) if title in found else "not installed" for title in others]
        ours = statistics.median(found["us"][0])
        faster = [f"{statistics.median(found[title][0]) / ours:.0f}" for title in others if title in found]
        print(f"| {name} | {cell(*found['us'])} |", " | ".join(cells), f"| {', '.join(faster) or '–'} |")
    for count in (12, 24, 64):
        taken = presses(count)
        print(f"\nA press that draws another head of {count} tokens, CPU time: {statistics.median(taken):.1f} ms")
        print(f"(median), {taken[int(len(taken) * 0.95)]:.1f} ms (95 %).")
    for when, late in asyncio.run(lag(64)).items():
        print(f"\nThe event loop {when} is late by {statistics.median(late):.1f} ms (median),")
        print(f"{late[int(len(late) * 0.99)]:.1f} ms (99 %), {late[-1]:.1f} ms (most).")


if __name__ == "__main__":
    main()
