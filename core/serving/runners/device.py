"""The runner that holds the models of one device, for use in this process or in a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging as transformers_logging

from core.errors import ModelUnavailable, NoDevice
from core.models.metadata import read_metadata
from core.serving.memory import give_back, held
from core.serving.runners import Job, Loaded, RunnerDied, RunnerOutOfMemory
from core.serving.runners.model_cache import ModelCache
from core.tasks import TASKS, Task
from core.tasks.engine.precision import lower_precision

SPARE = 256 << 20
"""So many more bytes of memory than after the last tidying are tidied up."""


class DeviceRunner:
    """Loads each model at its first use and runs batches on it. See `core.serving.runners.Runner`.

    Args:
        device: ``auto``, or a torch device.
        threads: CPU threads to use; 0 leaves it to torch.
        precision: What models compute in: see `core.tasks.engine.precision`.
        models_mib: MiB of memory for all models together.

    Attributes:
        name: What the device is called.
        padding: How many tokens its last batch was filled up with.

    Raises:
        NoDevice: There is no such device.
    """

    def __init__(self, device: str = "auto", threads: int = 0, precision: str = "auto", models_mib: int = 4096) -> None:
        if threads:
            torch.set_num_threads(threads)
        torch.backends.cuda.enable_cudnn_sdp(False)  # in half precision it plans anew, some 50 ms, for every new shape
        transformers_logging.set_verbosity_error()  # it advises on things that are done on purpose here
        transformers_logging.disable_progress_bar()
        self._device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        try:
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError):  # the latter from a torch that was built without CUDA
            raise NoDevice(
                "This computer has no device {device}: ask the bot's host to choose another.", device=device
            ) from None
        self.name = torch.cuda.get_device_name(self._device) if self._device.startswith("cuda") else self._device
        self.padding = 0
        self._precision, self._precisions = precision, dict[Job, str]()
        self._held = 0
        self._cache = ModelCache[Job, Task](models_mib << 20, self._loaded, _size)

    def run(self, key: Job, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        """Run one batch; where memory is short, once more without the other models. See `Runner.run`.

        Raises:
            ModelUnavailable: The model cannot be loaded.
        """
        others = True
        while others:
            try:
                with self._cache.lease(key) as task, torch.inference_mode():
                    task.padding = 0
                    results = task.run(payloads)
                    self.padding = task.padding
                self._tidy()
                return results
            except torch.OutOfMemoryError:
                pass  # the exception holds on to the tensors of its frames: leave it before freeing memory
            except Exception as error:
                if isinstance(error, torch.AcceleratorError) or self._is_poisoned():
                    raise RunnerDied(f"the device reported {type(error).__name__}") from None
                raise
            others = bool(self._cache.drop(key))
            torch.cuda.empty_cache()
        if key not in self._cache.loaded:
            raise ModelUnavailable("The device has too little memory for that model: choose a smaller one.")
        raise RunnerOutOfMemory

    def _is_poisoned(self) -> bool:
        """Whether an assertion failed on a GPU, which what comes next may report as something else."""
        if not self._device.startswith("cuda"):
            return False
        try:
            torch.cuda.synchronize(self._device)
        except torch.AcceleratorError:
            return True
        return False

    @property
    def loaded(self) -> Mapping[Job, Loaded]:
        """The loaded models."""
        return {job: Loaded(size, self._precisions[job]) for job, size in self._cache.loaded.items()}

    @property
    def memory(self) -> int:
        """None beside that of this process. See `Runner.memory`."""
        return 0

    def _loaded(self, key: Job) -> Task:
        task = TASKS[key.task](key.folder, self._device)
        self._precisions[key] = lower_precision(task, self._precision)
        self._tidy(spare=0)  # weights that others took the places of
        return task

    def _tidy(self, spare: int = SPARE) -> None:
        """Give back what a load or a large pass has left behind, such as gradients: only that is worth the time."""
        if held() > self._held + spare:
            give_back()
            self._held = held()

    def restart(self) -> None:
        """Forget the models. A poisoned CUDA context outlives this: only a child process can be replaced whole."""
        self._cache.drop()

    def close(self) -> None:
        """Forget the models."""
        self._cache.drop()


def _size(job: Job) -> int:
    return read_metadata(Path(job.folder)).memory() if job.folder else 0
