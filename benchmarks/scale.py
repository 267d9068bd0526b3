"""What many servers would need, worked out: ``python -m benchmarks.scale`` prints the table of docs/scaling.md.

Nothing is run here. Every number that goes in stands at the top, with where it comes from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SERVERS = (100, 2_000, 25_000, 150_000, 1_000_000)

PER_SERVER_AND_DAY = 5.0
"""Commands that a server gives in a day. Assumed: communities differ by far."""
PEAK = 4.0
"""The busiest minute beside the mean one. Assumed."""

DEVICE_RATE = 100.0
"""Requests per second that one GPU is given: far fewer than it can compute. Assumed."""
CALL_RATE = 200.0
"""Batches per second on one runner to Ray: `benchmarks.replicas`, one caller."""
REQUEST_MS = 30.0
"""CPU of the bot's own process for a request: 11 ms for a picture (docs/performance.md), the rest assumed."""

PER_SHARD = 1_000
"""Servers; Discord allows 2,500."""
PER_PROCESS = 16
"""Shards, with one core. Assumed."""
SPACING = 5.0
"""Seconds between two shards of a bucket that start."""

BOT_MIB = 200.0
"""A process of the bot with no server yet, half of it Ray's. Measured."""
SERVER_KIB = 17.0
"""A server of 30 channels and 20 roles in discord.py's cache, without members. Measured."""
RAY_MIB, NODE = 860.0, 16
"""Ray itself on a computer, measured; processes of the bot on one computer, assumed."""
REPLICA_MIB = 1_500.0
"""A replica with torch and the models of the Hub in float32. Worked out from their sizes."""
REST = 50.0
"""Requests per second that Discord allows a bot, other than answers to commands."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What so many servers need.

    Attributes:
        servers: How many.
        concurrency: Shards that Discord lets start at once. It is larger for large bots only.
    """

    servers: int
    concurrency: int

    @property
    def rate(self) -> float:
        """Requests per second in the busiest minute."""
        return self.servers * PER_SERVER_AND_DAY / 86_400 * PEAK

    @property
    def shards(self) -> int:
        """Connections to Discord; of a very large bot a multiple of `concurrency`."""
        least = math.ceil(self.servers / PER_SHARD)
        return math.ceil(least / self.concurrency) * self.concurrency if self.servers > 150_000 else least

    @property
    def processes(self) -> int:
        """Of the bot."""
        return math.ceil(self.shards / PER_PROCESS)

    @property
    def replicas(self) -> int:
        """Devices: what is needed, and where there are several one to spare."""
        needed = math.ceil(self.rate / DEVICE_RATE)
        return needed if needed == self.processes == 1 else needed + 1

    @property
    def start(self) -> float:
        """Minutes until the last shard is connected."""
        return (math.ceil(self.shards / self.concurrency) - 1) * SPACING / 60

    @property
    def memory(self) -> float:
        """GiB, of all computers together."""
        bots = self.processes * BOT_MIB + self.servers * SERVER_KIB / 1024
        ray = 0.0 if self.processes == 1 else RAY_MIB * (1 + math.ceil(self.processes / NODE))
        return (bots + ray + self.replicas * REPLICA_MIB) / 1024

    @property
    def walls(self) -> dict[str, float]:
        """How full is what more devices do not widen: 1 is the wall."""
        daily = 1_000 if self.servers <= 150_000 else max(2_000, self.servers / 1_000 * 5)
        rate = self.rate / self.processes
        return {
            "starts in a day, if all restart twice": 2 * self.shards / daily,
            "2,500 servers on a shard": self.servers / self.shards / 2_500,
            "calls to Ray of one process": rate / CALL_RATE,
            "the core of one process": rate * REQUEST_MS / 1e3,
            "50 messages a second, were one in ten answers a plain message": 0.1 * self.rate / REST,
        }

    def row(self) -> str:
        """The table's."""
        wall, full = max(self.walls.items(), key=lambda pair: pair[1])
        cells = (
            f"{self.servers:,}",
            f"{self.rate:,.1f}",
            f"{self.shards:,}",
            f"{self.processes}",
            f"{self.replicas}",
            "at once" if self.start < 1 / 12 else f"{self.start:.1f} min",
            f"{self.memory:.0f} GiB",
            f"{wall} ({100 * full:.0f} %)",
        )
        return f"| {' | '.join(cells)} |"


def table() -> str:
    """The table."""
    head = "| servers | requests/s at the peak | shards | processes | replicas | start | memory | nearest wall |"
    plans = [Plan(servers, 16 if servers > 150_000 else 1) for servers in SERVERS]
    return "\n".join([head, "|---" * 8 + "|", *(plan.row() for plan in plans)])


if __name__ == "__main__":
    print(table())
