"""One runner for each device that the settings name."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path

from core.runners import Runner
from core.runners.late import LateRunner
from core.runners.process import ProcessRunner
from core.settings import CoreSettings


def open_runners(settings: CoreSettings) -> list[Runner]:
    """Runners for the devices of the settings; torch is loaded where they run, and not before they are needed."""
    kind = ProcessRunner if settings.runner == "process" else LateRunner
    names = settings.device.split(",")
    threads = settings.threads or max(1, cores() // len(names))
    return [kind(partial(make, name.strip(), threads, settings.precision, settings.models_mib)) for name in names]


def cores(limits: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many CPU cores this process may use: those of a container, not of the machine around it."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):  # no control groups, or no limit ("max")
        limit, period = limits.read_text().split()
        allowed = min(allowed, max(1, int(limit) // int(period)))
    return allowed


def make(device: str, threads: int, precision: str, models_mib: int) -> Runner:
    """Make the runner of a device, where it is going to work."""
    # Threads of one product that spin for each other stall by seconds where something else needs the cores, too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded
    from core.runners.device import DeviceRunner

    return DeviceRunner(device, threads, precision, models_mib)
