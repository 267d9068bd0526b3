"""What libraries write to stderr past Python: passed on, but for what a panic says, which may quote what people wrote.

A panic of a library in Rust writes to the file descriptor itself before any ``except`` sees it, in this process or in a
device's, which inherits it. So the descriptor becomes a pipe to a small process, which also outlives whatever ends this
one, and passes on what that said last. A thread could not read there: who panics may hold the interpreter's lock, and
would wait for that thread as soon as the pipe is full. Run as a script, by `without_panics`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator

PANIC = re.compile(rb"panicked at (?:([\w./\\:-]+:\d+:\d+):$)?")
"""How a panic begins; its message follows, as long as it likes, and perhaps a backtrace."""

SAID = b"A library in Rust panicked at %s: what it said may quote a text, and is left out.\n"

SILENCE = 1.0
"""Seconds without a word after which what follows is no longer the panic's; its own words are microseconds apart."""


@contextlib.contextmanager
def without_panics() -> Generator[None]:
    """Keep what panics say off stderr; Python's own `sys.stderr` goes there directly.

    On Windows, where libraries do not write to the descriptor, everything stays as it is.
    """
    if os.name != "posix" or not sys.stderr:  # the latter where it was closed from the beginning
        yield
        return
    direct = os.dup(2)
    stderr = os.fdopen(direct, "w", 1, sys.stderr.encoding, "backslashreplace", closefd=False)
    reader = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, stdout=direct, start_new_session=True
    )
    assert reader.stdin
    os.dup2(reader.stdin.fileno(), 2)
    reader.stdin.close()
    sys.stderr = stderr
    try:
        yield
    finally:
        sys.stderr = sys.__stderr__
        os.dup2(direct, 2)
        reader.terminate()  # the pipe alone would not end: processes of multiprocessing's own hold it until the end
        reader.wait()


def passed_on(pieces: Iterator[tuple[float, bytes]]) -> Iterator[bytes]:
    """What is to be written of what was read, given when each piece came, in seconds."""
    rest, panicking, last = b"", False, 0.0
    for when, piece in pieces:
        if panicking and when - last > SILENCE:
            rest, panicking = b"", False
        last = when
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if found := PANIC.search(line):
                panicking = True
                yield SAID % (found[1] or b"an unknown place")
            elif not panicking:
                yield line + b"\n"
    if not panicking and not PANIC.search(rest):
        yield rest


def main() -> None:
    """Be the process, until nobody can write to it any more; told to end, until what is written by then is read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.set_blocking(0, False))
    for words in passed_on(_pieces()):
        os.write(1, words)


def _pieces() -> Iterator[tuple[float, bytes]]:
    with contextlib.suppress(BlockingIOError):
        while piece := os.read(0, 1 << 16):
            yield time.monotonic(), piece


if __name__ == "__main__":
    main()
