"""A real Ray cluster of this process's own, with two replicas: everything that local testing mode cannot show."""

import asyncio
import os
import signal
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core import Core, CoreSettings
from core.errors import BadInput, Busy, DeviceFailed, OutOfMemory
from core.serving.cost import Cost
from core.serving.devices import make_runner
from core.serving.executor import Executor
from core.serving.runners import Loaded
from core.serving.runners.cluster import Cluster, load
from core.serving.runners.ray import Replicas
from core.serving.runners.replica import Replica
from tests.core.serving import fragile
from tests.scale.sockets import family, listening

ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds until a test that hangs fails
SHARING = Cost(overhead=1e-3, per_token=1e-6)  # what arrives together shares a batch

pytestmark = [
    pytest.mark.scale,
    pytest.mark.filterwarnings("ignore"),  # those of Ray's own threads, at any time
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Replicas find what is installed, and what PYTHONPATH names: here the tests, whose runners they are made from."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with warnings.catch_warnings(action="ignore"):
        load()
    path = os.environ.get("PYTHONPATH", "")
    try:
        os.environ["RAY_ADDRESS"] = "127.0.0.1:9"  # somebody else's: a Ray of one's own is another
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), path]))
        yield Cluster(partial(fragile.FragileRunner, room=64), replicas=(2, 2))
    finally:
        import ray

        ray.shutdown()
        del os.environ["RAY_ADDRESS"]
        os.environ["PYTHONPATH"] = path


@pytest.fixture(scope="module")
def executor(cluster: Cluster) -> Iterator[Executor]:
    executor = Executor(Replicas(cluster).runners(), cost=SHARING)
    yield executor
    asyncio.run(executor.close())


async def ask(executor: Executor, payloads: list[Any]) -> list[Any]:
    """The outcomes of payloads that come at once."""
    calls = [executor.submit("k", payload, size=4) for payload in payloads]
    async with asyncio.timeout(PATIENCE):
        return await asyncio.gather(*calls, return_exceptions=True)


async def both(executor: Executor) -> set[int]:
    """The processes of both replicas, as soon as there are two."""
    found: set[int] = set()
    async with asyncio.timeout(PATIENCE):
        while len(found) < 2:
            for _ in range(20):
                found.add(await executor.submit("k", "pid", size=1))
            found &= family(os.getpid())
    return found


async def test_batches_run_in_the_processes_of_both_replicas(executor: Executor) -> None:
    replicas = await both(executor)
    assert os.getpid() not in replicas and replicas <= family(os.getpid())
    assert await ask(executor, [*range(100)]) == [*range(100)]
    assert "torch" not in sys.modules or "core.serving.runners.device" in sys.modules  # not by Ray's doing
    assert executor.loaded() == {"weights": Loaded(14)}


async def test_verdicts_come_back_as_values(executor: Executor) -> None:
    results = await ask(executor, [*range(30), "bad", "full", "refuse", "unspeakable", "return error"])
    assert results[:30] == [*range(30)]
    assert [type(result) for result in results[30:]] == [
        DeviceFailed,
        OutOfMemory,
        BadInput,
        DeviceFailed,
        DeviceFailed,
    ]
    assert "secret" not in str(results)


async def test_nobody_notices_when_a_replica_is_killed_under_traffic(executor: Executor) -> None:
    first, _ = await both(executor)

    async def caller(number: int) -> list[Any]:
        return [await executor.submit("k", number, size=4, tenant=number) for _ in range(60)]

    async with asyncio.timeout(PATIENCE):
        callers = [asyncio.create_task(caller(number)) for number in range(8)]
        await asyncio.sleep(0.1)
        os.kill(first, signal.SIGKILL)
        assert await asyncio.gather(*callers) == [[number] * 60 for number in range(8)]
    assert first not in await both(executor)


@pytest.mark.parametrize("order", ["kill", "poisoned"])
async def test_poison_harms_nobody_else_and_its_replicas_are_replaced(executor: Executor, order: str) -> None:
    before = await both(executor)
    results = await ask(executor, [*range(10), order, *range(10)])
    assert type(results.pop(10)) is DeviceFailed
    assert results == [*range(10), *range(10)]
    assert await both(executor) != before


async def test_a_refusal_is_passed_on_and_not_split(executor: Executor) -> None:
    """Ray refuses what would have to wait for a place at a replica, if that is not allowed."""
    from ray import serve

    await both(executor)  # the cluster is open

    class Tight(Cluster):
        def open(self) -> Any:
            deployment = serve.deployment(
                Replica, max_ongoing_requests=1, max_queued_requests=1, ray_actor_options={"num_cpus": 0}
            )
            return serve.run(deployment.bind(fragile.FragileRunner, self.mark, 60), name="tight", route_prefix=None)

        def close(self) -> None:
            serve.delete("tight")

    tight = Executor(Replicas(Tight(fragile.FragileRunner, replicas=(4, 4))).runners(), cost=SHARING)
    assert await tight.submit("k", 1, size=1) == 1
    naps = [asyncio.create_task(tight.submit(lane, "nap", size=1)) for lane in range(4)]
    results = await asyncio.gather(*naps, return_exceptions=True)
    assert {type(result) for result in results} == {str, Busy}
    assert tight.snapshot().deaths == 0
    await tight.close()


BOT = """
import asyncio, os, sys
from core.serving.executor import Executor
from core.serving.runners.cluster import Cluster
from core.serving.runners.ray import Replicas
from functools import partial
from tests.core.serving import fragile

async def main():
    cluster = Cluster(partial(fragile.FragileRunner, room=64), address=sys.argv[1], replicas=(2, 2))
    executor = Executor(Replicas(cluster).runners())
    print(*{await executor.submit("k", "pid", size=1) for _ in range(40)}, flush=True)
    naps = [asyncio.create_task(executor.submit(key, "nap", size=1)) for key in range(3)]  # on two runners
    await asyncio.sleep(0.2)
    await executor.close(60)
    print(*await asyncio.gather(*naps), "torch" in sys.modules, flush=True)

asyncio.run(main())
"""


async def test_another_bot_shares_the_replicas_answers_before_it_ends_and_leaves_them(executor: Executor) -> None:
    import ray

    before = await both(executor)
    address = ray.get_runtime_context().gcs_address
    command = [sys.executable, "-W", "ignore", "-c", BOT, address]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs, last = done.stdout.splitlines()[-2:]
    assert {int(pid) for pid in theirs.split()} <= before
    assert last == "nap nap nap False"
    assert await both(executor) == before


async def test_who_starts_serve_a_moment_after_another_bot_joins_it(
    cluster: Cluster, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has looked for it, and found nothing, before the other one was done."""
    import ray
    from ray import serve
    from ray.serve._private import api

    before, found = await both(executor), api._get_global_client
    answers = iter([lambda: None, found])
    monkeypatch.setattr(api, "_check_cached_client_alive", lambda: (None, None))
    monkeypatch.setattr(api, "_get_global_client", lambda: next(answers)())
    cluster.start_serve(serve)
    assert not [*answers] and ray.is_initialized()
    assert await both(executor) == before


async def test_what_listens_is_what_the_documentation_says(executor: Executor) -> None:
    await both(executor)
    table = (ROOT / "docs/scaling.md").read_text().partition("| program |")[2].partition("\n\n")[0]
    known = {tuple(cell.strip(" `") for cell in line.strip("|").split("|"))[:3] for line in table.splitlines()[2:]}
    counts = Counter((one.pid, one.program, one.address) for one in listening(os.getpid()))
    assert {(program, address, str(count)) for (_, program, address), count in counts.items()} == known


async def test_the_bundled_models_answer_as_they_do_in_this_process(executor: Executor) -> None:
    """Other settings than those of the replicas that are there: these give way to new ones."""
    import ray

    before, address = await both(executor), ray.get_runtime_context().gcs_address
    settings = replace(CoreSettings.bundled(runner="ray"), timeout=PATIENCE)
    text = "What a wonderful day!"
    async with asyncio.timeout(PATIENCE), Core.open(CoreSettings.bundled()) as here:
        known = await here.sentiment(text)
    factory = partial(make_runner, settings.device, 1, settings.precision, settings.models_mib)
    replicas = Replicas(Joined(factory, address=address))
    async with asyncio.timeout(PATIENCE), Core.open(settings, replicas.runners()) as core:
        found = await core.sentiment(text)
        assert (await core.attention("The cat sat.")).weights.ndim == 4
    assert found == known
    assert not before & family(os.getpid())


class Joined(Cluster):
    """A cluster that this process is connected to already."""

    def open(self) -> Any:
        from ray import serve

        return self._found(serve) or self.deploy(serve)

    def close(self) -> None:
        """It is the module's."""
