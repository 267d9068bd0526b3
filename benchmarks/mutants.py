"""Break the executor in ways that matter, one at a time, and see whether its tests notice.

Run from the repository's root: ``python -m benchmarks.mutants [words of a mutant's name ...]``. Exit code 1: one survived.
"""

# ruff: noqa: E501 - one mutant, one line

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PATIENCE = 5  # so many times as long as without a mutant, and the tests are taken to hang

REAL = "tests/scale/test_ray_cluster.py::test_"
"""What only a real cluster shows: half a minute for each mutant."""

CHILDREN = "--deselect tests/core/serving/executor/test_children.py"
"""What needs seconds for each mutant."""

SCHEDULER = "core/serving/scheduler.py"
TENANTS = "core/serving/tenants.py"
WORKER = "core/serving/worker.py"
EXECUTOR = "core/serving/executor.py"
PATIENCE_FILE = "core/serving/patience.py"
PROCESS = "core/serving/runners/process.py"
SERIALISATION = "core/serving/runners/serialisation.py"
COST = "core/serving/cost.py"
DEDUPLICATION = "core/serving/deduplication.py"
PACKING = "core/tasks/engine/packing.py"
PADDING = "core/tasks/engine/padding.py"
VARLEN = "core/tasks/engine/varlen_attention.py"
ENCODER = "core/tasks/engine/fused_encoder.py"
LINEAR = "core/tasks/engine/packed_linear.py"
HEADS = "core/tasks/engine/output_heads.py"
METRICS = "core/serving/metrics.py"
PIPELINES = "core/tasks/engine/pipelines.py"
ATTENTION = "core/tasks/attention.py"
CAUSAL = "core/tasks/causal.py"
DEVICE = "core/serving/runners/device.py"
CACHE = "core/serving/runners/model_cache.py"
REPLICA = "core/serving/runners/replica.py"
RAY = "core/serving/runners/ray.py"
CLUSTER = "core/serving/runners/cluster.py"

TESTS = {
    SCHEDULER: "tests/core/serving/test_scheduler.py tests/core/serving/test_scheduler_history.py",
    TENANTS: "tests/core/serving/test_scheduler.py tests/core/serving/test_scheduler_history.py",
    WORKER: f"tests/core/serving/executor {CHILDREN}",
    PATIENCE_FILE: "tests/core/serving/executor",
    EXECUTOR: f"tests/core/serving/executor tests/core/serving/test_metrics.py {CHILDREN}",
    PROCESS: "tests/core/serving/runners/test_process.py tests/core/serving/executor/test_children.py",
    SERIALISATION: "tests/core/serving/runners/test_process.py",
    COST: "tests/core/serving/test_cost.py",
    DEDUPLICATION: "tests/core/serving/test_deduplication.py",
    PACKING: "tests/core/tasks/engine/test_packing.py tests/core/tasks/engine/test_padding.py",
    PADDING: "tests/core/tasks/engine/test_padding.py",
    VARLEN: "tests/core/tasks/engine/test_packing.py",
    ENCODER: "tests/core/tasks/engine/test_fused_encoder.py tests/core/tasks/engine/test_packing.py",
    LINEAR: "tests/core/tasks/engine/test_packing.py tests/core/tasks/engine/test_precision.py",
    HEADS: "tests/core/tasks/engine/test_packing.py",
    METRICS: "tests/core/serving/test_metrics.py",
    PIPELINES: "tests/core/serving/test_padding.py",
    ATTENTION: "tests/core/serving/test_padding.py",
    CAUSAL: "tests/core/serving/test_padding.py",
    DEVICE: "tests/core/serving/test_padding.py tests/core/serving/runners/test_device.py",
    CACHE: "tests/core/serving/runners/test_model_cache.py",
    REPLICA: "tests/core/serving/runners/test_replica.py",
    RAY: "-m scale -k ray tests/scale/test_ray_runners.py tests/core/serving/executor "
    f"{REAL}a_refusal_is_passed_on_and_not_split",
    CLUSTER: f"-m scale tests/scale/test_ray_runners.py {REAL}batches_run_in_the_processes_of_both_replicas "
    f"{REAL}another_bot_shares_the_replicas_answers_before_it_ends_and_leaves_them",
}

NO_SHRINKING = """
from hypothesis import Phase, settings
settings.register_profile("mutants", phases=[Phase.explicit, Phase.generate], database=None)
settings.load_profile("mutants")
"""


class Mutant(NamedTuple):
    """A change to one place of one file, and what it breaks."""

    breaks: str
    file: str
    before: str
    after: str


MUTANTS = [
    Mutant("fairness: first come, first served", SCHEDULER, "key=itemgetter(0)", "key=lambda turn: 0"),
    Mutant("fairness: nobody is charged", TENANTS, ".served += request.size / request.weight", ".served += 0"),
    Mutant("fairness: weights do not count", TENANTS, ".served += request.size / request.weight", ".served += request.size"),
    Mutant("fairness: a turn does not move the next", TENANTS, "start += request.size / request.weight", "start += 0"),
    Mutant("fairness: idling earns credit", SCHEDULER, "self._ahead.pop(request.tenant, 0.0), self.clock)", "0.0, 0.0)"),
    Mutant("fairness: leaving wipes the slate", SCHEDULER, "self._ahead.pop(request.tenant, 0.0)", "0.0"),
    Mutant("fairness: the clock stands still", SCHEDULER, "served + anchor.size / anchor.weight", "served"),
    Mutant("fairness: the flood is owed all", SCHEDULER, "min(finish, behind + HEAD_START)", "finish"),
    Mutant("fairness: the lookahead is endless", SCHEDULER, "if tokens <= 0:", "if False:"),
    Mutant("fairness: of equals the flood is first", SCHEDULER, 'sorted(self.tenants.values(), key=attrgetter("tokens"))', "[*self.tenants.values()]"),
    Mutant("memory: idle tenants are kept", SCHEDULER, "if served > self.clock}", "}"),
    Mutant("economy: any neighbour joins", SCHEDULER, "and padding <= self.cost.overhead_tokens", ""),
    Mutant("economy: nobody joins", SCHEDULER, "if not choices:", "if True:"),
    Mutant("economy: longer neighbours look free", SCHEDULER, "max(longest, size)", "longest"),
    Mutant("budget: ignored", SCHEDULER, "grown <= budget and", ""),
    Mutant("batch: keys mix", SCHEDULER, "r.key == anchor.key and not", "not"),
    Mutant("batch: starts from the shortest", SCHEDULER, "candidates.index(anchor)", "0"),
    Mutant("room: unbounded", SCHEDULER, "while self.tokens > self.capacity", "while False"),
    Mutant("room: the oldest gives way", SCHEDULER, "self._heaviest(request.tenant).last", "self._heaviest(request.tenant).first"),
    Mutant("room: the newcomer gives way", SCHEDULER, "victims.append(self._heaviest(request.tenant).last)", "victims.append(request)"),
    Mutant("room: others give way in vain", SCHEDULER, "for spared in reversed(victims[:-1]):", "for spared in ():"),
    Mutant("room: tokens leak", SCHEDULER, "        self.tokens -= request.size\n", ""),
    Mutant("people: one after the other", TENANTS, "        self.queues.move_to_end(request.person)\n", ""),
    Mutant("people: a batch is for one", TENANTS, "rounds = zip_longest(*(line.requests for line in self.queues.values()))", "rounds = (line.requests for line in self.queues.values())"),
    Mutant("people: anybody gives way", TENANTS, "key=lambda line: line.tokens)", "key=lambda line: 0)"),
    Mutant("people: a neighbour's flood is waited for", TENANTS, "min(tokens, own + request.size) for tokens in others", "tokens for tokens in others"),
    Mutant("people: who has nothing left is kept", TENANTS, "            del self.queues[request.person]\n", "            pass\n"),
    Mutant("people: servers are people", WORKER, "self.tenant, self.person = Member.of(self.tenant)", "self.person = self.tenant"),
    Mutant("deadlines: late heads run", SCHEDULER, "late = self._drop_late(now)", "late = []"),
    Mutant("deadlines: late neighbours run", SCHEDULER, " and not self._is_late(r, now)]", "]"),
    Mutant("deadlines: the run itself is forgotten", SCHEDULER, "now + self.cost.seconds(request.size)", "now"),
    Mutant("wait: a flood counts in full", SCHEDULER, "sum(min(tokens, before + request.size) for tokens in others)", "sum(others)"),
    Mutant("results: in the wrong order", WORKER, "payloads, expected))\n            if", "payloads, expected))[::-1]\n            if"),
    Mutant("results: settled twice", WORKER, "        if not future.done():\n            ", "        "),
    Mutant("results: miscounts are believed", WORKER, "if len(results) != len(part):", "if False:"),
    Mutant("results: exceptions pass as they are", WORKER, "[_told(result) if isinstance(result, Exception) else result for result in results]", "results"),
    Mutant("bad input: fails its neighbours", WORKER, "len(part) if shared else half", "len(part)"),
    Mutant("bad input: refusals are split", WORKER, "len(part) if shared else half", "half"),
    Mutant("memory: batches are not split", WORKER, "outcome, size = OutOfMemory(), half", "outcome, size = OutOfMemory(), len(part)"),
    Mutant("memory: the budget stays", WORKER, "            self._shrink(part)\n", ""),
    Mutant("memory: the budget never recovers", WORKER, "self.budget + self._limit // 64 + 1", "self.budget"),
    Mutant("crash: all in the batch are guilty", WORKER, "if len(part) == 1 and part[0].crashes >= death.proof:", "if True:"),
    Mutant("crash: dead by chance is guilty", WORKER, "part[0].crashes >= death.proof", "True"),
    Mutant("crash: nobody is ever guilty", WORKER, "part[0].crashes >= death.proof", "False"),
    Mutant("crash: no restart", WORKER, "            self._runner.restart()\n", "            pass\n"),
    Mutant("crash: restarts without end", WORKER, "crashes >= self._death.limit or", ""),
    Mutant("crash: a down device takes work", WORKER, "        while self._death:", "        while False:"),
    Mutant("crash: the waiting are not told", WORKER, "                self._on_down()\n", ""),
    Mutant("crash: an exit ends the thread", WORKER, "except BaseException as error:  # even", "except ValueError as error:  # even"),
    Mutant("leaving: those who left run again", WORKER, "if not call.future.done()]", "]"),
    Mutant("leaving: the place stays taken", EXECUTOR, "self._scheduler.cancel(call)", "pass"),
    Mutant("timeout: of no effect", EXECUTOR, "asyncio.wait([call.future], timeout=call.timeout)", "asyncio.wait([call.future])"),
    Mutant("timeout: hopeless waits are accepted", EXECUTOR, "self._wait(call) > call.timeout", "False"),
    Mutant("timeout: the late are not told", EXECUTOR, "                fail(late, TimedOut())\n", ""),
    Mutant("room: those who give way are not told", EXECUTOR, "            settle(victims,", "            ([], victims,"),
    Mutant("idle: work wakes nobody", EXECUTOR, "            self._work.notify()\n", ""),
    Mutant("down: requests are accepted", EXECUTOR, "if self._is_down():\n                raise", "if False:\n                raise"),
    Mutant("closing: new requests are accepted", EXECUTOR, "            if self._closing.is_set():\n                raise Closed\n", ""),
    Mutant("closing: the waiting are dropped", EXECUTOR, "if worker.batch or self._closing.is_set():", "if self._closing.is_set():"),
    Mutant("closing: the running are forgotten", EXECUTOR, "+ [call for worker in self._workers for call in worker.batch]", ""),
    Mutant("closing: the queue is forgotten", EXECUTOR, "self._scheduler.clear() + [", "["),
    Mutant("closing: the workers are not woken", EXECUTOR, "            self._work.notify_all()\n", ""),
    Mutant("closing: runners stay open", WORKER, "            self._runner.close()\n", ""),
    Mutant("no padding: the budget is ignored", SCHEDULER, "and request.size <= room", ""),
    Mutant("no padding: nobody joins", SCHEDULER, "                batch.append(request)\n", "                pass\n"),
    Mutant("no padding: counted all the same", WORKER, "if part[0].padded else sum(sizes)", "if True else 0"),
    Mutant("no padding: economy rules all the same", SCHEDULER, "if anchor.padded else", "if True else"),
    Mutant("cost: nothing is learnt", EXECUTOR, "            self._scheduler.cost = self._estimate.cost\n", ""),
    Mutant("cost: patience is endless", PATIENCE_FILE, "cost.tokens(self.seconds)", "10**9"),
    Mutant("cost: batches are never brief", EXECUTOR, "if lately and", "if False and"),
    Mutant("cost: brief without anybody else", EXECUTOR, "if lately and", "if"),
    Mutant("cost: brief without a flood", EXECUTOR, "lately and self._scheduler.largest_backlog > usual", "lately"),
    Mutant("cost: somebody else for ever", EXECUTOR, "- self._mixed < CONTENTION_WINDOW", "- self._mixed < 1e9"),
    Mutant("cost: slow devices never share", PATIENCE_FILE, "int(self.enough * cost.overhead_tokens)", "1"),
    Mutant("cost: loading counts", COST, "min(seconds, OUTLIER_CLIP * self.cost.seconds(tokens))", "seconds"),
    Mutant("cost: the past never fades", COST, "DECAY * old + value", "old + value"),
    Mutant("cost: noise is believed", COST, "RIDGE * guess) / (spread + RIDGE)", "0) / (spread + 1e-9)"),
    Mutant("cost: prices below zero", COST, "slope = min(max(slope, 1e-9), t / n)", "slope = slope"),
    Mutant("deduplication: everybody asks", DEDUPLICATION, "if task is None or task.done():", "if True:"),
    Mutant("deduplication: tenants wait for each other", DEDUPLICATION, "{question.answer, task}", "{task}"),
    Mutant("deduplication: whoever leaves takes all along", DEDUPLICATION, "if not question.waiting[tenant]:", "if True:"),
    Mutant("deduplication: nobody is withdrawn", DEDUPLICATION, "question.requests.pop(tenant).cancel()", "question.requests.pop(tenant)"),
    Mutant("deduplication: whoever joined is out of time, too", DEDUPLICATION, "suppress(Busy, TimedOut)", "suppress()"),
    Mutant("deduplication: a failure is asked again", DEDUPLICATION, "task is None or task.done()", "task is None"),
    Mutant("deduplication: answers can be changed", DEDUPLICATION, "freeze(await request())", "await request()"),
    Mutant("deduplication: nothing is kept", DEDUPLICATION, "            self._keep(key, answer)\n", ""),
    Mutant("deduplication: kept for ever", DEDUPLICATION, "[0] <= now", "[0] <= 0"),
    Mutant("deduplication: kept without bounds", DEDUPLICATION, "self._bytes > self._capacity or ", ""),
    Mutant("packing: texts see each other", PACKING, "(text[:, None] == text)", "(text[:, None] == text[:, None])"),
    Mutant("packing: positions go on", PACKING, "(read - (read - real)[starts][text])", "read"),
    Mutant("packing: RoBERTa counts from 0", PACKING, "config.pad_token_id if FIRST_POSITIONS[config.model_type] else -1", "-1"),
    Mutant("packing: a row without end", PACKING, "if room[part] >= size)", "if True)"),
    Mutant("packing: rows are left half empty", PACKING, "for text in reversed(order):", "for text in order:"),
    Mutant("packing: any padding", PACKING, "> ratio *", "> 1e9 *"),
    Mutant("packing: filler is seen", PACKING, "text = pad(text, filler, value=-1)", "text = pad(text, filler, value=0)"),
    Mutant("packing: rows are mixed up", PACKING, "for row, one in enumerate(laid) for _, start", "for row, one in enumerate(laid[::-1]) for _, start"),
    Mutant("packing: a shape for each batch on a GPU", PACKING, "1 << (longest - 1).bit_length()", "longest"),
    Mutant("packing: padding on the left is forgotten", PACKING, "left * (width", "0 * (width"),
    Mutant("packing: a text alone has any number of tokens", PACKING, "more = -size % STEP", "more = 0"),
    Mutant("packing: past the last position", PACKING, "> config.max_position_embeddings", "> 1e9"),
    Mutant("packing: what a text is filled up with is seen", PACKING, "hidden[..., size:] = -torch.inf", "pass"),
    Mutant("packing: padding that is typed counts", PACKING, " * real + padding)", " + padding)"),
    Mutant("packing: padded whatever it does", PACKING, "if shut_out else 1.0", "if True else 1.0"),
    Mutant("padding: filled up whatever it does", PADDING, " and can_fill_up(model):", ":"),
    Mutant("padding: nothing is close", PADDING, "CLOSE = 1e-4", "CLOSE = -1.0"),
    Mutant("padding: everything is close", PADDING, "CLOSE = 1e-4", "CLOSE = 1e9"),
    Mutant("padding: texts are mixed up", PADDING, "all_states[number : number + 1]", "all_states[:1]"),
    Mutant("encoder: all states", ENCODER, "states, mask, chosen=chosen)", "states, mask)"),
    Mutant("encoder: what was chosen stays so", ENCODER, "chosen, self.chosen = self.chosen, None", "chosen = self.chosen"),
    Mutant("encoder: padding is read", ENCODER, " or (mask is None and _hides_some(attention_mask))", ""),
    Mutant("encoder: wrong or not", ENCODER, "if not torch.allclose(", "if False and not torch.allclose("),
    Mutant("varlen: texts see each other", VARLEN, "mask.flatten().tolist()", "[int(mask.sum())]"),
    Mutant("varlen: every family", VARLEN, "config.model_type in FIRST_POSITIONS and ", ""),
    Mutant("varlen: decoders, too", VARLEN, ' and not getattr(config, "is_decoder", False)', ""),
    Mutant("varlen: eager attention too", VARLEN, ' and model.config._attn_implementation == "sdpa"', ""),
    Mutant("varlen: masks are not made", VARLEN, '        AttentionMaskInterface.register(VARLEN, AttentionMaskInterface()["sdpa"])\n', ""),
    Mutant("linear: GELU twice", LINEAR, "    setattr(module, after, nn.Identity())\n", ""),
    Mutant("linear: packed anew without GELU", LINEAR, "return isinstance(child, PackedLinear) and child.gelu", "return False"),
    Mutant(
        "linear: gradients without GELU",
        LINEAR,
        "self.bias)\n            return functional.gelu(output) if self.gelu else output",
        "self.bias)\n            return output",
    ),
    Mutant("linear: bfloat16 everywhere", LINEAR, "dtype if keep else torch.float32", "dtype"),
    Mutant("linear: bfloat16 nowhere between", LINEAR, "dtype if keep else torch.float32", "torch.float32"),
    Mutant("linear: gradients through the packed operator", LINEAR, "if torch.is_grad_enabled():", "if False:"),
    Mutant("linear: the embeddings twice in memory", LINEAR, "if plain and child.weight is not shared:", "if plain:"),
    Mutant("heads: the model stays changed", HEADS, "        hook.remove()", "        pass"),
    Mutant("heads: every position", HEADS, "output.last_hidden_state[rows, columns][None]", "output.last_hidden_state"),
    Mutant("metrics: padding counts as real", METRICS, "+= real", "+= real + padding"),
    Mutant("metrics: padding is what was expected", EXECUTOR, "for call in batch), padding, seconds)", "for call in batch), tokens(batch) - sum(call.size for call in batch), seconds)"),
    Mutant("metrics: rows are not filled up", PIPELINES, "self.padding += one", "_ = one"),
    Mutant("metrics: attention is not padded", ATTENTION, "self.padding += ", "self.padding = 0 * "),
    Mutant("metrics: what comes next is not padded", CAUSAL, "self.padding += ", "self.padding = 0 * "),
    Mutant("metrics: padding adds up from batch to batch", DEVICE, "                    task.padding = 0\n", ""),
    Mutant("metrics: who left is not counted", EXECUTOR, "outcome: Any = asyncio.CancelledError()", "outcome: Any = None"),
    Mutant("device: other models keep their room", DEVICE, "others = bool(self._cache.drop(key))", "others = False"),
    Mutant("device: a poisoned one says nothing", DEVICE, "isinstance(error, torch.AcceleratorError) or ", ""),
    Mutant("device: a model that is too large is a batch that is", DEVICE, "if key not in self._cache.loaded:", "if False:"),
    Mutant("device: gradients are kept", DEVICE, ", torch.inference_mode():", ":"),
    Mutant("cache: what is in use gives way", CACHE, "spare = [key for key in self._things if key not in self._leased]", "spare = [*self._things]"),
    Mutant("cache: what is in use is dropped", CACHE, " and key not in self._leased]", "]"),
    Mutant("cache: in use for ever", CACHE, "            self._leased.remove(key)\n", "            pass\n"),
    Mutant("cache: the newest gives way", CACHE, "spare.pop(0)", "spare.pop()"),
    Mutant("cache: the oldest gives way, used or not", CACHE, "        self._things.move_to_end(key)\n", ""),
    Mutant("cache: what gave way stays in memory", CACHE, "        gc.collect()", "        pass"),
    Mutant("cache: without a budget", CACHE, "+ size > self._capacity", "> 1e18"),
    Mutant("cache: what comes takes no room", CACHE, "sum(self.loaded.values()) + size >", "sum(self.loaded.values()) >"),
    Mutant("child: a hang is waited for", PROCESS, "self._connection.poll(timeout)", "self._connection.poll(None)"),
    Mutant("child: a hung one is left running", PROCESS, "                self.kill()\n                raise", "                raise"),
    Mutant("child: a poisoned one is used again", PROCESS, "        if isinstance(outcome, RunnerDied):\n            self.kill()\n", ""),
    Mutant("child: its death goes unnoticed", PROCESS, "        theirs.close()", "        self.theirs = theirs"),
    Mutant("child: the start is waited for", PROCESS, "+ startup_timeout\n", "+ startup_timeout\n        self.wait_until_ready()\n"),
    Mutant("child: a start without end", PROCESS, "max(0.0, self._ready_by - time.monotonic())", "1e6"),
    Mutant("child: signals end it", PROCESS, "signal.signal(number, signal.SIG_IGN)", "signal.signal(number, signal.SIG_DFL)"),
    Mutant("child: writes to stdout", PROCESS, "    os.dup2(2, 1)", "    pass"),
    Mutant("child: outlives its parent", PROCESS, "    threading.Thread(target=_end_with_parent, daemon=True).start()\n", ""),
    Mutant("child: keeps its parent from exiting", PROCESS, "        atexit.register(self.kill)", "        pass"),
    Mutant("child: messages cross the pipe", SERIALISATION, "else Unforeseen(describe(error))", "else error"),
    Mutant("child: its runner is not closed", PROCESS, "\n    runner.close()\n", "\n"),
    Mutant("child: is not given time to close", PROCESS, "        if self._ready_by is None:\n", "        if False:\n"),
    Mutant("replica: any batch is run", REPLICA, "if mark != self._mark:", "if False:"),
    Mutant("replica: the event loop runs batches", REPLICA, "return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, message)", "return self._run(message)"),
    Mutant("replica: a poisoned one goes on", REPLICA, "        if self._fault:\n            return b\"\"\n", ""),
    Mutant("replica: a poisoned one is of use", REPLICA, "\"\" if self._fault else self._mark", "self._mark"),
    Mutant("replica: a poisoned one is well", REPLICA, "            raise RuntimeError(self._fault)", "            pass"),
    Mutant("replica: a death without words is none", REPLICA, "str(outcome) or \"its device died\"", "str(outcome)"),
    Mutant("replica: every failure is a death", REPLICA, "if isinstance(outcome, RunnerDied):", "if isinstance(outcome, Exception):"),
    Mutant("replica: an exit ends the thread", REPLICA, "except BaseException as error:", "except Exception as error:"),
    Mutant("replica: a hang is not noticed", REPLICA, "time.monotonic() - self._since > self._run_timeout", "False"),
    Mutant("replica: idling is a hang", REPLICA, "        self._since = None\n        if", "        if"),
    Mutant("replica: work is a hang", REPLICA, "time.monotonic() - self._since > self._run_timeout", "True"),
    Mutant("ray: one runner", RAY, "for _ in range(self._users)]", "for _ in range(1)]"),
    Mutant("ray: as many runners as replicas at least", RAY, "self._cluster.replicas[1]", "self._cluster.replicas[0]"),
    Mutant("ray: each runner opens a cluster", RAY, "            if self._handle is None:", "            if True:"),
    Mutant("ray: opened in the worker's thread", RAY, "self._thread.submit(self._cluster.open).result()", "self._cluster.open()"),
    Mutant("ray: the first runner to end closes", RAY, "if not self._users and self._handle", "if self._handle"),
    Mutant("ray: never closed", RAY, "                self._thread.submit(self._cluster.close).result()\n                self._thread", "                self._thread"),
    Mutant("ray: closed unopened", RAY, "if not self._users and self._handle is not None:", "if not self._users:"),
    Mutant("ray: unopened is answered", RAY, "                return answered\n            time", "                return answered\n            return answered\n            time"),
    Mutant("ray: other replicas are of use", RAY, "_call(handle, \"mark\", PING) == self._cluster.mark", "bool(_call(handle, \"mark\", PING))"),
    Mutant("ray: nobody is waited for at first", RAY, "                    self._wait_for_first(handle)\n", ""),
    Mutant("ray: the first is waited for without end", RAY, "if passed > self._first_timeout:", "if False:"),
    Mutant("ray: waiting is not explained", RAY, "if passed > told + LOG_INTERVAL:", "if False:"),
    Mutant("ray: waiting is explained without end", RAY, "                told = passed\n", ""),
    Mutant("ray: an empty cluster stays open", RAY, "                self._thread.submit(self._cluster.close).result()\n                raise", "                raise"),
    Mutant("ray: a lost cluster is tried at every request", RAY, "if self._refusal and time.monotonic() < self._again:", "if False:"),
    Mutant("ray: a lost cluster stays lost", RAY, "if self._refusal and time.monotonic() < self._again:", "if self._refusal:"),
    Mutant("ray: a refusal is a death", RAY, "raise Busy(error.retry_after_s or 1.0) from None", "raise ReplicaDied from None"),
    Mutant("ray: a death is a child's", RAY, "            raise ReplicaDied(str(outcome))", "            raise outcome"),
    Mutant("ray: failures are results", RAY, "        if isinstance(outcome, Exception):\n            raise outcome\n", ""),
    Mutant("ray: a hang is waited for", RAY, "response.result(timeout_s=timeout)", "response.result()"),
    Mutant("ray: recovery without end", RAY, "        while time.monotonic() < end:", "        while True:"),
    Mutant("ray: recovery is believed", RAY, "            if self._is_served(handle):\n                return", "            return"),
    Mutant("cluster: it joins somebody else's", CLUSTER, '"local",', "None,"),
    Mutant("cluster: replicas of others are replaced", CLUSTER, "self._found(serve) or self.deploy(serve)", "self.deploy(serve)"),
    Mutant("cluster: settings do not matter", CLUSTER, "made = (version", "made = () and (version"),
    Mutant("cluster: always as many", CLUSTER, "if least == most else", "if True else"),
    Mutant("cluster: never more", CLUSTER, '"max_replicas": most', '"max_replicas": least'),
    Mutant("cluster: more after half a minute", CLUSTER, '"upscale_delay_s": 5', '"upscale_delay_s": 30'),
    Mutant("cluster: whole GPUs", CLUSTER, '"num_gpus": self._gpus', '"num_gpus": int(self._gpus)'),
    Mutant("cluster: one core each", CLUSTER, '"num_cpus": self._cpus, "num_gpus"', '"num_cpus": 1, "num_gpus"'),
    Mutant("cluster: one bot at a time", CLUSTER, "max_ongoing_requests=AT_ONCE", "max_ongoing_requests=1"),
]  # fmt: skip


def try_out(file: str, before: str = "", after: str = "", seconds: float | None = None) -> str:
    """Run a file's tests in a copy of the tree in which one place of it is changed: they pass, fail or hang."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for package in ("core", "tests"):
            heavy = shutil.ignore_patterns("*.safetensors", "*.ttf", "golden", "__pycache__")
            shutil.copytree(ROOT / package, copy / package, ignore=heavy)
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / "conftest.py").write_text(NO_SHRINKING)
        source = (copy / file).read_text()
        (copy / file).write_text(source.replace(before, after))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS[file].split()]
        with subprocess.Popen(command, cwd=copy, stdout=subprocess.DEVNULL, start_new_session=True) as run:
            try:
                return "fail" if run.wait(seconds) else "pass"
            except subprocess.TimeoutExpired:
                return "hang"
            finally:  # with whatever a broken runner has left behind
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(run.pid, signal.SIGKILL)


def main() -> int:
    """Print what the tests do under each mutant."""
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.breaks for word in sys.argv[1:])]
    patience: dict[str, float] = {}
    for file in sorted({mutant.file for mutant in chosen}):
        start = time.monotonic()
        if try_out(file) != "pass":
            raise SystemExit(f"The tests of {file} fail even without a mutant.")
        patience[file] = PATIENCE * (time.monotonic() - start)
    survivors = 0
    for mutant in chosen:
        verdict = try_out(mutant.file, mutant.before, mutant.after, patience[mutant.file])
        survivors += verdict == "pass"
        print(f"{'PASS' if verdict == 'pass' else verdict:6}{mutant.file:42}{mutant.breaks}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} noticed")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
