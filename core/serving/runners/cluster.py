"""Ray itself: joining or starting it, and the Serve deployment whose replicas are the devices.

Ray is loaded when a cluster is opened and not before. What it listens on, and how to fence it, is in docs/scaling.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
import socket
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from core.errors import NoCluster, describe
from core.serving.runners import Runner
from core.serving.runners.replica import Replica

logger = logging.getLogger(__name__)

APP, NAME = "attention-bot", "models"
"""Of all bots on a cluster: they share its replicas."""

RAY_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported to anybody
    "RAY_ENABLE_AUTO_CONNECT": "0",  # a call after the end would start a second cluster
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_METRICS_EXPORT_PORT": "0",
    "RAY_enable_metrics_collection": "0",
}
"""Read when Ray is loaded; what the environment says goes first."""

STORE = 128 << 20
"""Bytes of shared memory for answers on their way: all weights of 128 tokens in 12 layers of 12 heads are 5 MB."""

PROBE = 5.0
"""Seconds for a connection to a cluster: Ray itself would try for minutes."""

SCALING = {
    "target_ongoing_requests": 1,
    "upscale_delay_s": 5,  # Ray's own half minute is half the time that a request has
    "look_back_period_s": 5,
    "metrics_interval_s": 1,
    "downscale_delay_s": 600,
}
"""When replicas are added and removed: there is one more as soon as workers have had to wait for a while."""

AT_ONCE = 16
"""Batches that may be at a replica: one runs, those of other bots wait there rather than be turned away."""


UNREACHABLE = (
    "Ray cannot be reached at RAY_ADDRESS={address}: start the cluster first (docs/scaling.md), or leave it empty."
)
NO_TOKEN = (
    "The Ray cluster asks for a token that this computer does not have: copy ~/.ray/auth_token from the cluster's head."
)
UNUSABLE = "Ray cannot be used ({error}): look into /tmp/ray/session_latest/logs, or set RUNNER=process."
FAILING = "they fail as they start, and the logs in /tmp/ray/session_latest/logs/serve of their computer say why"
ROOM = "there is room for one, so it is being loaded, or the cluster was not started as docs/scaling.md says"
NEEDS = (
    "each needs {} of a computer's CPU cores (CPU_THREADS) and {:g} of its GPUs (RAY_GPUS), "
    "and all computers together have {:g} and {:g}"
)


def load() -> tuple[Any, Any]:
    """Ray and Ray Serve, which take seconds to load."""
    for key, value in RAY_ENVIRONMENT.items():
        os.environ.setdefault(key, value)
    import ray
    from ray import serve

    for name in ("ray", "ray.serve"):  # it warns of every single refusal
        logging.getLogger(name).setLevel(logging.ERROR)
    return ray, serve


class Cluster:
    """A Ray cluster and the replicas on it.

    Args:
        factory: Makes the runner of a replica, there. Pickled by name: see `ProcessRunner`.
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
            NoCluster: Ray cannot be loaded, started or reached.
        """
        start = time.monotonic()
        if self._address:  # a Ray that is started here asks for a token by itself
            os.environ.setdefault("RAY_AUTH_MODE", "token")
        try:
            ray, serve = load()
            self._connect(ray)
            self.start_serve(serve)
            handle = self._found(serve) or self.deploy(serve)
        except Exception as error:
            with contextlib.suppress(Exception):
                self.close()
            raise NoCluster(self._reason(error)) from None
        logger.info("Ray is there after %.0f s: now for a replica.", time.monotonic() - start)
        return handle

    def _connect(self, ray: Any) -> None:
        # Unlike any other job, one that came through Ray's client server has no replica look for modules in this
        # process's current folder first, where a host may keep a `bot.py` or a `core.py` of their own.
        job = ray.job_config.JobConfig(_client_job=True)
        options = {"job_config": job, "log_to_driver": False, "configure_logging": False}
        if self._address:
            logger.info("Joining the Ray cluster at RAY_ADDRESS=%s.", self._address)
            if self._address != "auto":
                host, _, port = self._address.rpartition(":")
                socket.create_connection((host.strip("[]"), int(port)), PROBE).close()
            ray.init(self._address, **options)
        else:
            logger.info("Starting Ray on this computer: 10 s, on a busy one a minute.")
            ray.init(
                "local",  # else it would join one that somebody has started here
                num_cpus=self._cpus * self.replicas[1],
                include_dashboard=False,
                object_store_memory=STORE,
                **options,
            )

    def start_serve(self, serve: Any) -> None:
        """Start Serve, unless it is there."""
        try:
            serve.start(proxy_location="Disabled")
        except ValueError:  # another bot has started it meanwhile, and this one finds it now
            serve.start(proxy_location="Disabled")

    def _reason(self, error: Exception) -> str:
        if type(error).__name__ == "AuthenticationError":
            return NO_TOKEN
        if self._address and isinstance(error, OSError):
            return UNREACHABLE.format(address=self._address)
        return UNUSABLE.format(error=describe(error))

    def diagnose(self) -> str:
        """Why there may be no replica yet."""
        import ray
        from ray import serve

        with contextlib.suppress(Exception):  # the cluster may be what is the matter
            if "FAIL" in serve.status().applications[APP].deployments[NAME].status:
                return FAILING
            have, need = ray.cluster_resources(), {"CPU": self._cpus, "GPU": self._gpus}
            if all(have.get(kind, 0) >= count for kind, count in need.items()):
                return ROOM
            return NEEDS.format(*need.values(), *(have.get(kind, 0) for kind in need))
        return "Ray does not answer"

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
        target = serve.RunTarget(
            self.deployment(serve).bind(self._factory, self.mark, self.run_timeout), name=APP, route_prefix=None
        )
        return serve.run_many([target], wait_for_applications_running=False, **options)[0]

    def deployment(self, serve: Any) -> Any:
        """What Serve is asked for."""
        least, most = self.replicas
        scaling = {"min_replicas": least, "max_replicas": most, **SCALING}
        return serve.deployment(
            Replica,
            name=NAME,
            **({"num_replicas": most} if least == most else {"autoscaling_config": scaling}),
            max_ongoing_requests=AT_ONCE,
            ray_actor_options={"num_cpus": self._cpus, "num_gpus": self._gpus},
            health_check_period_s=0.5,
            health_check_timeout_s=30,
            graceful_shutdown_timeout_s=20,
            logging_config={"log_level": "ERROR", "enable_access_log": False},
        )
