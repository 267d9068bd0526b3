"""Ray itself: joining or starting it, and the Serve deployment whose replicas are the devices.

Ray is loaded when a cluster is opened and not before. What it listens on, and how to fence it, is in docs/scaling.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from core.runners import Runner
from core.runners.replica import Replica

APP = "attention-bot"
"""Of all bots on a cluster: they share its replicas."""

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_ENABLE_AUTO_CONNECT": "0",  # a call after the end would start a second cluster
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_METRICS_EXPORT_PORT": "0",
    "RAY_enable_metrics_collection": "0",
}
"""Read when Ray is loaded."""

STORE = 128 << 20
"""Bytes of shared memory for answers on their way: all weights of 128 tokens in 12 layers of 12 heads are 5 MB."""

AT_ONCE = 16
"""Batches that may be at a replica: one runs, those of other bots wait there rather than be turned away."""


class Cluster:
    """A Ray cluster and the replicas on it.

    Args:
        factory: Makes the runner of a replica, there. Pickled by name: see `core.runners.process.ProcessRunner`.
        address: The cluster to join, such as ``auto``; empty starts one on this computer, for this process.
        replicas: How many there are at least and at most; Ray adds and removes them as they are busy.
        cpus: CPU cores for each.
        gpus: GPUs for each, perhaps a part of one. That only counts: the memory of a shared GPU is not divided.
        run_timeout: Seconds that a batch may take before a device is taken to hang.

    Attributes:
        mark: Equal for equal settings of equal versions: replicas with another one are not used.
    """

    def __init__(
        self,
        factory: Callable[[], Runner],
        *,
        address: str = "",
        replicas: tuple[int, int] = (1, 1),
        cpus: int = 1,
        gpus: float = 0.0,
        run_timeout: float = 120.0,
    ) -> None:
        self.replicas, self.run_timeout = replicas, run_timeout
        self._factory, self._address, self._cpus, self._gpus = factory, address, cpus, gpus
        made = (version("attention-bot"), factory, replicas, cpus, gpus, run_timeout)
        self.mark = hashlib.sha256(pickle.dumps(made)).hexdigest()

    def open(self) -> Any:
        """Connect, see to it that there are replicas or will be, and return a handle on them.

        Raises:
            Exception: Ray cannot be loaded, started or reached.
        """
        os.environ.update(QUIET)
        import ray

        logging.getLogger("ray").setLevel(logging.ERROR)
        if self._address:
            ray.init(self._address, log_to_driver=False, configure_logging=False)
        else:
            ray.init(
                num_cpus=self._cpus * self.replicas[1],
                include_dashboard=False,
                object_store_memory=STORE,
                log_to_driver=False,
                configure_logging=False,
            )
        from ray import serve

        logging.getLogger("ray.serve").setLevel(logging.ERROR)  # it warns of every single refusal
        serve.start(proxy_location="Disabled")
        return self._found(serve) or self.deploy(serve)

    def close(self) -> None:
        """Leave the cluster; one of this process's own ends, replicas and all."""
        import ray

        ray.shutdown()

    def _found(self, serve: Any) -> Any:
        """The replicas of another bot with these settings: deploying once more would restart them all."""
        with contextlib.suppress(Exception):  # there are none, or none that answers
            handle = serve.get_app_handle(APP)
            if handle.mark.remote().result(timeout_s=10) == self.mark:
                return handle
        return None

    def deploy(self, serve: Any, **options: Any) -> Any:
        """Put replicas in place, one after the other where there are others already, without waiting for them."""
        least, most = self.replicas
        scaling = {"min_replicas": least, "max_replicas": most, "target_ongoing_requests": 1}
        deployment = serve.deployment(
            Replica,
            name="models",
            **({"num_replicas": most} if least == most else {"autoscaling_config": scaling}),
            max_ongoing_requests=AT_ONCE,
            ray_actor_options={"num_cpus": self._cpus, "num_gpus": self._gpus},
            health_check_period_s=0.5,
            health_check_timeout_s=30,
            graceful_shutdown_timeout_s=20,
            logging_config={"log_level": "ERROR", "enable_access_log": False},
        )
        target = serve.RunTarget(
            deployment.bind(self._factory, self.mark, self.run_timeout), name=APP, route_prefix=None
        )
        return serve.run_many([target], wait_for_applications_running=False, **options)[0]
