"""The executor beside plain pipelines, on the same model and texts in one run: ``python -m benchmarks.executor``.

Contenders take turns, so that a busy moment of the machine touches all of them. The tables give medians over the rounds
and, in brackets, the least and the most. Where other programs use the machine, whoever has more threads gets more of
it: there the CPU time tells more than the rate. On a CPU ONNX Runtime and OpenVINO take part, where the extra ``peers``
is installed. ``--device cuda``: on a GPU. ``--short``: one round of fewer requests, for a first look. The tables are
those of docs/performance.md.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import pipeline
from transformers.utils import logging

from benchmarks.chat import build, chat, options, share
from benchmarks.goals import NAIVE, OFFLINE, TUNED, Goals, products
from benchmarks.peers import peers
from benchmarks.runs import Ask, Run, burst, measured, row
from benchmarks.submit import idle
from core.lab import Exercise
from core.serving.devices import available_cores, limit_spinning, make_runner
from core.serving.executor import Executor
from core.serving.metrics import Metrics
from core.serving.runners import Job
from core.serving.runners.process import ProcessRunner
from core.tasks.engine.precision import faster_than_float32

MODELS_MIB = 4096
WEIGHTS = 6 * (4 * 768**2 + 2 * 768 * 3072)
"""Of the linear layers in DistilBERT's six blocks: two operations for each and every token."""

GPU = (("float32", 1024), ("float16", 1024), ("float16", 4096))
"""Precisions and the most tokens in a batch; the first is what the rest is measured with."""

COLUMNS = "at once | who | requests/s | p50 ms | p99 ms | CPU ms a request | rate × (a) | × (a) with one thread"


def on_cpu() -> list[tuple[str, int]]:
    """Precisions and the most tokens in a batch, for this CPU: float32, half precision where it has some, int8."""
    return [(precision, 4096) for precision in ("float32", *reversed(faster_than_float32("cpu")))]


class Bench:
    """Everything that is measured, on one event loop.

    Args:
        folder: The model.
        device: A torch device.
        short: Whether a first look is enough.
    """

    def __init__(self, folder: Path, device: str, short: bool) -> None:
        self.device, self.short = device, short
        self.pipeline: Any = pipeline("text-classification", model=str(folder), device=device)
        self.job = Job("sentiment", str(folder))
        vocabulary = self.pipeline.tokenizer.get_vocab()
        self.metrics = Metrics()
        self.words = sorted(word for word in vocabulary if word.isalpha() and len(word) > 2)
        self.executors = {
            f"(d) {precision}, budget {budget}": self.executor(precision, budget)
            for precision, budget in (on_cpu() if device == "cpu" else GPU)
        }
        self.exact = next(iter(self.executors))
        self.goals = Goals(self.exact, [name for name in self.executors if "int8" not in name][-1])
        self.peers = peers(folder, available_cores()) if device == "cpu" else {}

    def executor(self, precision: str, budget: int) -> Executor:
        """An executor with its model in a child process."""
        runner = ProcessRunner(
            partial(make_runner, self.device, available_cores(), precision, MODELS_MIB), run_timeout=600
        )
        return Executor([runner], budget=budget, metrics=self.metrics)

    def ask(self, name: str, tenant: str = "") -> Ask:
        """Ask an executor."""
        submit = partial(self.executors[name].submit, self.job, padded=False, tenant=tenant)
        return lambda text: submit(text, size=text.count(" ") + 3)

    async def naive(self, threads: int, text: str) -> Any:
        """Call the pipeline in the default thread pool, with so many of torch's threads for each call."""
        return await asyncio.to_thread(self._call, threads, text)

    async def offline(self, texts: Sequence[str]) -> list[float]:
        """Give the pipeline all texts in advance, and all cores."""
        await asyncio.to_thread(self._call, available_cores(), list(texts), batch_size=32)
        return []

    def _call(self, threads: int, texts: str | list[str], **options: Any) -> Any:
        torch.set_num_threads(threads)  # a thread that has computed before does not hear of it from another
        return self.pipeline(texts, **options)

    async def loads(self) -> None:
        """How long each executor takes to load the model, and to try it out in its precision."""
        for name, executor in self.executors.items():
            await executor.submit(Job("lab", ""), Exercise(), size=1)  # its process has started
            start = time.perf_counter()
            await self.ask(name)("good")
            took = time.perf_counter() - start
            self.goals.note(f"{name[4:]}: until a model is loaded", "≤ 10 s", took <= 10, f"{took:.1f} s")

    async def bursts(self) -> None:
        """Rates and latencies of everybody at every number of requests at once."""
        asks = {NAIVE: partial(self.naive, available_cores()), TUNED: partial(self.naive, 1)}
        asks |= {name: self.ask(name) for name in self.executors}
        asks |= {name: peer.ask for name, peer in self.peers.items()}
        print(f"\n| {COLUMNS} |\n{'|---' * 8}|")
        fewest, rounds = (24 if self.device == "cpu" else 200), (1 if self.short else 3)
        for at_once in (1, 8, 64) if self.short else (1, 8, 64, 256):
            runs: dict[str, list[Run]] = {}
            for turn in range(rounds):
                texts = chat(max(fewest, at_once), turn, self.words)
                for name, ask in asks.items():
                    runs.setdefault(name, []).append(await measured(len(texts), burst(ask, texts, at_once)))
                if at_once == 64:
                    runs.setdefault(OFFLINE, []).append(await measured(len(texts), self.offline(texts)))
            for name, found in runs.items():
                print(f"| {at_once} | {name} | {row(found, runs[NAIVE], runs[TUNED])} |", flush=True)
            self.goals.judge(at_once, runs)
            for name in self.executors:
                same = [peer for peer in self.peers if peer.endswith(name.split(",")[0][4:])]
                self.goals.judge_beside(at_once, runs, name, same)

    async def agreement(self) -> None:
        """How far the answers are from the pipeline's."""
        texts = chat(60 if self.short else 1000, 99, self.words)
        texts = [text for text in texts if text.count(" ") < 30]  # the lengths do not matter here
        torch.set_num_threads(available_cores())
        plain = [{row["label"]: row["score"] for row in rows} for rows in self.pipeline(texts, top_k=None)]
        torch.set_num_threads(1)
        asks = {name: self.ask(name) for name in self.executors} | {name: one.ask for name, one in self.peers.items()}
        for name, ask in asks.items():
            answers = await asyncio.gather(*map(ask, texts))
            pairs = list(zip(answers, plain, strict=True))
            same = statistics.mean(rows[0][0] == max(known, key=known.__getitem__) for rows, known in pairs)
            error = max(abs(score - known[label]) for rows, known in pairs for label, score in rows)
            told = f"{100 * same:.1f} % of {len(texts)}, scores within {error:.0e}"
            computed = self.executors[name].loaded()[self.job].precision if name in self.executors else ""
            told += "" if computed in name else f", in {computed}"  # int8 may not fit
            least = 0.99 if "int8" in name else 0.999
            self.goals.note(f"{name[4:]}: the pipeline's label", f"≥ {100 * least:.4g} %", same >= least, told)

    async def load(self) -> None:
        """The event loop's lag, useful tokens and arithmetic while the executor is full."""
        lags: list[float] = []

        async def watch() -> None:
            while True:
                due = time.perf_counter() + 0.005
                await asyncio.sleep(0.005)
                lags.append(1e3 * (time.perf_counter() - due))

        watching = asyncio.create_task(watch())
        texts, before = chat(64 if self.short else 256, 7, self.words), self.metrics.tokens.copy()
        run = await measured(len(texts), burst(self.ask(self.exact), texts, len(texts)))
        watching.cancel()
        computed = self.metrics.tokens - before
        useful = computed["real"] / sum(computed.values())
        self.goals.note("useful tokens at saturation", "≥ 0.8", useful >= 0.8, f"{useful:.2f}")
        flops = 2 * WEIGHTS * statistics.mean(text.count(" ") + 3 for text in texts)
        wall, used = (products(clock, self.device) for clock in (time.perf_counter, time.process_time))
        speed = flops * run.rate / 1e9
        told = f"{speed / wall:.2f} ({speed:.0f} of {wall:.0f} GFLOP/s)"
        if self.device == "cpu":
            told += f"; of CPU time {flops / run.cpu / 1e6 / used:.2f}"
        self.goals.note("arithmetic at saturation, of bare products", "≥ 0.75", speed >= 0.75 * wall, told)
        often, most = share(lags, 0.99), max(lags)
        told = f"{often:.1f} ms, {most:.1f} ms"
        self.goals.note("event loop's lag at full load", "p99 < 20 ms, most < 100 ms", often < 20 and most < 100, told)
        for name, executor in self.executors.items():
            cost = executor.snapshot().cost
            print(f"{name}: a batch is taken for {1e3 * cost.overhead:.2f} ms + {1e6 * cost.per_token:.1f} µs a token")

    async def flood(self) -> None:
        """A quiet server's latency alone, and while another has 200 requests waiting at any time."""
        texts, flooding = chat(10 if self.short else 40, 5, self.words), chat(200, 6, self.words)
        quiet = partial(burst, self.ask(self.exact, "quiet"), texts, 1)

        async def flood(text: str) -> None:
            while True:
                await self.ask(self.exact, "flood")(text)

        alone = await quiet()
        tasks = [asyncio.create_task(flood(text)) for text in flooding]
        await asyncio.sleep(1)
        crowded = await quiet()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        (half, p50), (often, p99) = ((share(alone, part), share(crowded, part)) for part in (0.5, 0.99))
        told = f"{p99 / often:.1f} × ({often:.0f} to {p99:.0f} ms; p50 {half:.0f} to {p50:.0f})"
        self.goals.note("a quiet server's p99 in a flood, against idle", "≤ 3 ×", p99 <= 3 * often, told)


async def main() -> None:
    """Print every table."""
    chosen = options(__doc__)
    # Here it comes too late, as it should: plain pipelines are taken as they are. Children load it before that.
    limit_spinning()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    print(f"{available_cores()} cores, torch {torch.__version__}, load of the machine before: {os.getloadavg()[0]:.1f}")
    if chosen.device != "cpu":
        print(torch.cuda.get_device_name(chosen.device))
    await idle()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        bench = Bench(Path(folder), chosen.device, chosen.short)
        await bench.loads()
        await bench.agreement()
        print("(c) infinity-emb 0.0.78 is left out: it needs numpy < 2 and transformers < 5")
        await bench.bursts()
        await bench.load()
        await bench.flood()
        print("\n| figure | wanted | measured | |\n|---|---|---|---|", *bench.goals.rows, sep="\n")
        for executor in bench.executors.values():
            await executor.close()
        for peer in bench.peers.values():
            peer.close()


if __name__ == "__main__":
    asyncio.run(main())
