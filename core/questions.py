"""What a device can be asked beyond a command's first answer: plain data, sent to the task whose model it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ByLayer:
    """What would each layer answer? For the task "unmask".

    Attributes:
        ids: The N token ids.
        masks: The positions of the masks among them.
    """

    ids: tuple[int, ...]
    masks: tuple[int, ...]
