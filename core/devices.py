"""One runner for each device that the settings name."""

from __future__ import annotations

from functools import partial

from core.runners import Runner
from core.runners.late import LateRunner
from core.runners.process import ProcessRunner
from core.settings import CoreSettings


def open_runners(settings: CoreSettings) -> list[Runner]:
    """Runners for the devices of the settings; torch is loaded where they run, and not before they are needed."""
    kind = ProcessRunner if settings.runner == "process" else LateRunner
    return [kind(partial(make, device.strip(), settings.threads)) for device in settings.device.split(",")]


def make(device: str, threads: int) -> Runner:
    """Make the runner of a device, where it is going to work."""
    from core.runners.device import DeviceRunner

    return DeviceRunner(device, threads)
