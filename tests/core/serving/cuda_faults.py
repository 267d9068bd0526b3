"""A device of CUDA in a child process that can be told to fail; importable from there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import torch

from core.serving.runners.device import DeviceRunner
from core.tasks import TASKS

MIB = 2**20


class Failing:
    """Echoes its payloads by way of the device, unless one of them is an order to fail."""

    def __init__(self, folder: str, device: str) -> None:
        self._device = device

    def run(self, payloads: Sequence[Any]) -> list[Any]:
        return [self._obey(payload) for payload in payloads]

    def _obey(self, order: Any) -> Any:
        if order == "pid":
            return os.getpid()
        beyond = order in ("assert", "assert, unnoticed")
        found = torch.arange(4, device=self._device)[torch.tensor([9 if beyond else 1], device=self._device)]
        if order == "assert, unnoticed":
            raise RuntimeError("CUBLAS_STATUS_EXECUTION_FAILED")  # what a product says that comes after the assertion
        assert found.cpu().tolist() == [1]
        return order


class Hungry:
    """Needs 100 MiB of the device for each payload."""

    def __init__(self, folder: str, device: str) -> None:
        self._device = device

    def run(self, payloads: Sequence[Any]) -> list[Any]:
        held = torch.empty(100 * MIB * len(payloads), dtype=torch.uint8, device=self._device)
        assert held.numel()
        return list(payloads)


def make() -> DeviceRunner:
    """A device with these two among its tasks."""
    TASKS.update(failing=Failing, hungry=Hungry)
    return DeviceRunner("cuda")
