"""Which words fit, and which come next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JointFilling:
    """How are several masks filled so that the words fit each other? For the task "unmask".

    Attributes:
        ids: The N token ids.
        masks: The positions of the masks among them.
    """

    ids: tuple[int, ...]
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """How probable are these words at a mask, or next? For the task "unmask" or "causal".

    Attributes:
        before: The token ids before the mask.
        after: Those after it.
        mask: That of the mask; ``None`` for what comes next.
        words: The token ids of each word; a word may have several.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    mask: int | None
    words: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class NextToken:
    """Which tokens could come next? For the task "causal".

    Attributes:
        ids: The N token ids so far.
        top: How many are wanted.
    """

    ids: tuple[int, ...]
    top: int


@dataclass(frozen=True, slots=True)
class Continuation:
    """How does a text go on? For the task "causal".

    Attributes:
        ids: The N token ids of what was given.
        written: Those written after them so far.
        count: How many more are to be written, unless the text ends before.
        longest: The most tokens that the model reads, given and written together.
        likeliest: Whether each time the likeliest is taken, rather than one drawn.
        temperature: What logits are divided by before one is drawn; 0 takes the likeliest.
        top_k: How many of the likeliest may be drawn; 0 for all.
        top_p: The share of probability within which one is drawn.
        seed: What draws are made from.
    """

    ids: tuple[int, ...]
    written: tuple[int, ...]
    count: int
    longest: int
    likeliest: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int
