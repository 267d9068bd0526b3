"""What was wanted of the executor, and what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial

import torch

from benchmarks.runs import Run, late, rate
from core.serving.devices import available_cores
from core.tasks.engine.packed_linear import PackedLinear

NAIVE, TUNED = "(a) pipeline(text), thread pool", "(a) with one torch thread each"
OFFLINE = "(b) pipeline(list), offline"

Runs = dict[str, list[Run]]


class Goals:
    """The rows of a table of goals.

    Args:
        exact: The executor in float32.
        fastest: The executor in half precision.
    """

    def __init__(self, exact: str, fastest: str) -> None:
        self.rows: list[str] = []
        self._exact, self._fastest = exact, fastest

    def note(self, what: str, wanted: str, met: bool, measured: str) -> None:
        """Note how a figure compares with what was wanted."""
        self.rows.append(f"| {what} | {wanted} | {measured} | {'reached' if met else 'missed'} |")

    def judge(self, at_once: int, runs: Runs) -> None:
        """Compare rates and latencies with what was wanted; beside (a) as people write it also at its best."""
        compared = partial(_compared, runs)
        if at_once == 1:
            ratio, text = compared(partial(late, part=0.5), self._exact)
            self.note("idle, float32: p50 against (a)", "≤ 0.75 ×", ratio <= 0.75, text)
        if at_once == 64:
            ratio, text = compared(rate, self._exact)
            self.note("64 at once, float32: rate against (a)", "≥ 3 ×", ratio >= 3, text)
            offline = rate(runs[self._exact]) / rate(runs[OFFLINE])
            self.note("the same against (b)", "≥ 1.2 ×", offline >= 1.2, f"{offline:.2f} ×")
            ratio, text = compared(partial(late, part=0.99), self._exact)
            self.note("the same: p99 against (a)", "≤ 0.4 ×", ratio <= 0.4, text)
            ratio, text = compared(rate, self._fastest)
            self.note(f"64 at once, {self._fastest[4:]}: rate against (a)", "≥ 5 ×", ratio >= 5, text)

    def judge_beside(self, at_once: int, runs: Runs, ours: str, peers: list[str]) -> None:
        """Compare an executor with the best of the engines of its precision."""
        if not peers or at_once not in (1, 8, 64):
            return
        what = f"{at_once} at once, {ours[4:]}: of the best peer's"
        ratio, least = rate(runs[ours]) / max(rate(runs[peer]) for peer in peers), 1.0 if at_once == 1 else 1.2
        self.note(f"{what} rate", f"≥ {least} ×", ratio >= least, f"{ratio:.2f} ×")
        if at_once > 1:
            slow = late(runs[ours], 0.99) / min(late(runs[peer], 0.99) for peer in peers)
            self.note(f"{what} p99", "≤ 0.8 ×", slow <= 0.8, f"{slow:.2f} ×")


def _compared(runs: Runs, measure: Callable[[list[Run]], float], name: str) -> tuple[float, str]:
    plain, tuned = (measure(runs[name]) / measure(runs[base]) for base in (NAIVE, TUNED))
    return plain, f"{plain:.2f} × ({tuned:.2f} × with one thread)"


def products(clock: Callable[[], float], device: str) -> float:
    """GFLOP/s of float32 products as large as a batch's, in as many threads."""
    torch.set_num_threads(available_cores())
    layer, input = torch.nn.Linear(768, 3072), torch.randn(192, 768, device=device)
    layer = PackedLinear(layer) if device == "cpu" else layer.to(device)
    times: list[float] = []
    with torch.inference_mode():
        for _ in range(30):
            start = clock()
            layer(input)[0, 0].item()
            times.append(clock() - start)
    torch.set_num_threads(1)
    return 2 * 192 * 768 * 3072 / statistics.median(times) / 1e9
