"""A device on a Ray node that notes where it is, behind bots that are otherwise as a host starts them."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.serving.runners import Job
from tests.bot.process import LAUNCH
from tests.stress.imagined import ImaginedDevice

SOMEWHERE = LAUNCH.replace(
    "from bot.__main__",
    """
import core.serving.devices
from tests.scale.somewhere import make
core.serving.devices.make_runner = make
from bot.__main__""",
)
"""A bot whose replicas are such devices."""


class Somewhere(ImaginedDevice):
    """Answers at once, but takes a while, and leaves a file with the name of its process: the GPU that it was given."""

    name = "somewhere"

    def run(self, key: Job, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        (Path(os.environ["PLACES"]) / str(os.getpid())).write_text(os.environ["CUDA_VISIBLE_DEVICES"])
        time.sleep(0.1)
        return super().run(key, payloads)


def make(device: str, threads: int, precision: str, models_mib: int) -> Somewhere:
    return Somewhere(["word"], os.getpid())
