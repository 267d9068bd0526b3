"""Who listens where, as the kernel tells it."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

LISTENING = "0A"


class Socket(NamedTuple):
    """A TCP socket that waits for connections."""

    pid: int
    program: str
    address: str
    port: int


def listening(root: int) -> set[Socket]:
    """The sockets on which a process and all that descend from it listen."""
    found: dict[str, tuple[str, int]] = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTENING:
                address, _, port = local.partition(":")
                found[f"socket:[{inode}]"] = _readable(address), int(port, 16)
    return {
        Socket(pid, _program(pid, root), *found[link]) for pid in family(root) for link in _links(pid) if link in found
    }


def family(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    known = {root}
    while more := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= more
    return known


def _links(pid: int) -> Iterator[str]:
    try:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            yield str(link.readlink())
    except OSError:
        return


def _program(pid: int, root: int) -> str:
    """The name of a program, of a script, or the title that Ray gives its workers."""
    if pid == root:
        return "the bot"
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    if title := re.match(r"ray::\w+", words[0]):
        return title[0]
    script = next((word for word in words if word.endswith(".py")), words[0])
    return Path(script if "python" in words[0] else words[0]).name


def _readable(address: str) -> str:
    """The kernel writes each four bytes in the order of the machine."""
    raw = b"".join(bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8))
    known = ip_address(raw)
    return "everywhere" if known.is_unspecified else "loopback" if known.is_loopback else "the network"
