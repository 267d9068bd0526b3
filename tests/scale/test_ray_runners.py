"""The runners to Ray's replicas, in Serve's local testing mode: a replica in this process behind a real handle."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from core.errors import NoCluster
from core.serving.devices import open_runners
from core.serving.runners import Loaded, ReplicaDied
from core.serving.runners.cluster import AT_ONCE, Cluster, load
from core.serving.runners.ray import RayRunner, Replicas
from core.settings import CoreSettings
from tests.core.serving import fragile
from tests.core.serving.seams import OPENING

pytestmark = [pytest.mark.scale, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def serve() -> Iterator[Any]:
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]' -c constraints.txt")
    with warnings.catch_warnings(action="ignore"):
        yield load()[1]


class Near(Cluster):
    """Counts what is asked of it; where there is no cluster it says so."""

    def __init__(self, serve: Any, **options: Any) -> None:
        super().__init__(partial(fragile.FragileRunner, room=64), **options)
        self.serve, self.opened, self.closed, self.there = serve, 0, 0, True
        self.threads: set[str] = set()

    def open(self) -> Any:
        self.opened += 1
        self.threads.add(threading.current_thread().name)
        if not self.there:
            raise NoCluster("it is not there")
        with OPENING:
            return self.deploy(self.serve, _local_testing_mode=True)

    def close(self) -> None:
        self.closed += 1
        self.threads.add(threading.current_thread().name)

    def diagnose(self) -> str:
        return "there is none"


def test_the_first_lane_opens_the_cluster_and_the_last_closes_it(serve: Any) -> None:
    cluster = Near(serve, replicas=(1, 3))
    runners = Replicas(cluster).runners()
    assert (len(runners), cluster.opened) == (3, 0)
    assert [runner.run("k", [number]) for number, runner in enumerate(runners)] == [[0], [1], [2]]
    assert [runner.loaded for runner in runners] == [{"weights": Loaded(7)}] * 3
    for runner in runners[1:]:
        runner.close()
    assert runners[0].run("k", ["still"]) == ["still"]
    assert (cluster.opened, cluster.closed) == (1, 0)
    runners[0].close()
    assert (cluster.opened, cluster.closed) == (1, 1)
    assert len(cluster.threads) == 1 and threading.current_thread().name not in cluster.threads


def test_a_cluster_that_nobody_needed_is_neither_opened_nor_closed(serve: Any) -> None:
    cluster = Near(serve, replicas=(2, 2))
    for runner in Replicas(cluster).runners():
        runner.close()
    assert (cluster.opened, cluster.closed) == (0, 0)


def test_where_there_is_no_cluster_it_is_tried_again_but_not_at_once(
    serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = Near(serve)
    cluster.there = False
    (runner,) = Replicas(cluster).runners()
    for _ in range(3):
        with pytest.raises(NoCluster) as error:
            runner.run("k", [1])
        assert error.value.reason == "it is not there"
    assert (cluster.opened, caplog.messages) == (1, ["it is not there"])
    monkeypatch.setattr("core.serving.runners.ray.RETRY_SECONDS", 0.0)
    (runner,) = Replicas(cluster).runners()
    with pytest.raises(NoCluster):
        runner.run("k", [1])
    cluster.there = True
    assert runner.run("k", [1]) == [1]
    assert cluster.opened == 3


def test_a_first_replica_is_waited_for_and_the_host_told_what_for(
    serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Unmarked(Near):
        def open(self) -> Any:
            handle = super().open()
            self.mark = "other settings"  # than those of the replica that is there
            return handle

    monkeypatch.setattr("core.serving.runners.ray.LOG_INTERVAL", 0.2)
    cluster = Unmarked(serve)
    (runner,) = Replicas(cluster, first_timeout=0.7).runners()
    with pytest.raises(NoCluster) as error:
        runner.run("k", [1])
    assert error.value.reason == "No replica answered within 1 s: there is none."
    told = [message for message in caplog.messages if message.startswith("No replica answers yet, after ")]
    assert told[0].endswith(" s: there is none.")
    assert 1 <= len(told) <= 3
    assert (cluster.opened, cluster.closed) == (1, 1)


def test_who_is_of_no_use_any_more_is_asked_until_time_is_up(serve: Any) -> None:
    cluster = Near(serve, run_timeout=0.3)
    replicas = Replicas(cluster, startup_timeout=0.3)
    (runner,) = replicas.runners()
    assert runner.run("k", [1]) == [1]
    runner.restart()  # nothing is the matter
    known, cluster.mark = cluster.mark, "other settings"
    with pytest.raises(ReplicaDied, match="was of use within 0 s"):
        runner.run("k", [1])
    with pytest.raises(ReplicaDied, match="was of use within 0 s"):
        runner.restart()
    cluster.mark = known
    runner.restart()
    assert runner.run("k", [1]) == [1]


def test_a_replica_that_hangs_is_given_up(serve: Any) -> None:
    cluster = Near(serve, run_timeout=0.3)
    (runner,) = Replicas(cluster).runners()
    with pytest.raises(ReplicaDied, match="answered within 0 s"):
        runner.run("k", ["nap"])


@pytest.mark.parametrize("order", ["poisoned", "exit"])
def test_a_death_is_that_of_one_of_several(serve: Any, order: str) -> None:
    (runner,) = Replicas(Near(serve, run_timeout=2)).runners()
    with pytest.raises(ReplicaDied):
        runner.run("k", [order])


def of(**chosen: Any) -> Cluster:
    """The cluster of some settings, before anything is started."""
    runners = open_runners(CoreSettings(runner="ray", **chosen))
    assert all(isinstance(runner, RayRunner) for runner in runners)
    cluster: Cluster = runners[0]._replicas._cluster  # type: ignore[attr-defined]
    assert len(runners) == cluster.replicas[1]
    return cluster


def test_what_settings_ask_of_ray(serve: Any) -> None:
    fixed = of(replicas=(3, 3), threads=2, gpus=0.5, ray_address="head:6379").deployment(serve)
    assert (fixed.num_replicas, fixed._deployment_config.autoscaling_config) == (3, None)
    asked = {key: fixed.ray_actor_options[key] for key in ("num_cpus", "num_gpus")}
    assert asked == {"num_cpus": 2, "num_gpus": 0.5}
    assert fixed.max_ongoing_requests == AT_ONCE
    assert fixed._deployment_config.health_check_period_s == 0.5
    growing = of(replicas=(1, 4), ray_address="head:6379").deployment(serve)
    scaling = growing._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (1, 4, 1)
    assert scaling.upscale_delay_s < CoreSettings().timeout / 6 < scaling.downscale_delay_s
    assert growing.ray_actor_options["num_cpus"] == 1


def test_the_cores_of_this_computer_are_shared_out_where_its_ray_is_its_own(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.serving.devices.available_cores", lambda: 8)
    assert of(replicas=(2, 2)).deployment(serve).ray_actor_options["num_cpus"] == 4
    assert of(replicas=(2, 2), ray_address="head:6379").deployment(serve).ray_actor_options["num_cpus"] == 1


def test_replicas_are_used_by_bots_with_equal_settings_only() -> None:
    marks = [
        of(**chosen).mark
        for chosen in (
            {},
            {"threads": 3},
            {"gpus": 0.5},
            {"replicas": (1, 2)},
            {"replicas": (2, 2)},
            {"precision": "bfloat16"},
            {"models_mib": 100},
        )
    ]
    assert len(set(marks)) == len(marks)
    assert of(ray_address="auto", threads=3).mark == of(ray_address="head:6379", threads=3).mark
