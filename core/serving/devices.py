"""One runner for each device that the settings name."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.errors import Misconfigured
from core.serving.runners import Runner
from core.serving.runners.lazy import LazyRunner
from core.serving.runners.process import ProcessRunner
from core.settings import CoreSettings

RAY_MISSING = "RUNNER=ray needs Ray, which is not installed: pip install 'attention-bot[ray]', or set RUNNER=process."
RAY_PLACES = "With RUNNER=ray Ray gives each replica its device: set DEVICE=auto, and RAY_GPUS for GPUs."


def open_runners(settings: CoreSettings) -> Sequence[Runner]:
    """Runners for the devices of the settings; torch is loaded where they run, and not before they are needed.

    Raises:
        Misconfigured: The settings do not go together, or Ray is not installed.
    """
    if settings.runner == "ray":
        return _ray_runners(settings)
    kind = ProcessRunner if settings.runner == "process" else LazyRunner
    names = settings.device.split(",")
    threads = settings.threads or max(1, available_cores() // len(names))
    return [
        kind(partial(make_runner, name.strip(), threads, settings.precision, settings.models_mib)) for name in names
    ]


def _ray_runners(settings: CoreSettings) -> Sequence[Runner]:
    """Runners of the replicas on a Ray cluster."""
    if importlib.util.find_spec("ray") is None:
        raise Misconfigured(RAY_MISSING)
    if settings.device not in ("auto", "cpu"):
        raise Misconfigured(RAY_PLACES)
    from core.serving.runners.cluster import Cluster
    from core.serving.runners.ray import Replicas

    here = 1 if settings.ray_address else max(1, available_cores() // settings.replicas[1])
    threads = settings.threads or here
    factory = partial(make_runner, settings.device, threads, settings.precision, settings.models_mib)
    cluster = Cluster(
        factory, address=settings.ray_address, replicas=settings.replicas, cpus=threads, gpus=settings.gpus
    )
    return Replicas(cluster).runners()


def available_cores(limits: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many CPU cores this process may use: those of a container, not of the machine around it."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):  # no control groups, or no limit ("max")
        limit, period = limits.read_text().split()
        allowed = min(allowed, max(1, int(limit) // int(period)))
    return allowed


def make_runner(device: str, threads: int, precision: str, models_mib: int) -> Runner:
    """Make the runner of a device, where it is going to work."""
    limit_spinning()
    limit_primitives()
    from core.serving.runners.device import DeviceRunner

    return DeviceRunner(device, threads, precision, models_mib)


def limit_spinning() -> None:
    """Let the threads of one product wait for each other actively for about half a millisecond, then asleep.

    Without a limit they stall by seconds where something else needs the cores, too; at once asleep they take up to half
    as long again where nothing does. Read when torch is loaded; a host's own setting stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def limit_primitives() -> None:
    """Let oneDNN, and ideep above it, keep 128 compiled operations each: every new length of a text makes some more.

    By default they keep 1,024 each, for which a process with small models grows by half a GiB over some thousand texts
    (``python -m benchmarks.memory``). Read when torch is loaded; a host's own settings stay. See
    https://uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    os.environ.setdefault("LRU_CACHE_CAPACITY", "128")
