"""How long a device takes for a batch: a straight line, learnt from the batches that it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """``overhead + per_token * tokens`` seconds for a batch, padding included in the tokens."""

    overhead: float
    per_token: float

    @property
    def overhead_tokens(self) -> float:
        """How many tokens could be computed in the time that starting a batch takes."""
        return self.overhead / self.per_token

    def seconds(self, tokens: int) -> float:
        """Predict the time for a batch of so many tokens."""
        return self.overhead + self.per_token * tokens

    def tokens(self, seconds: float) -> int:
        """How many tokens a batch may have that takes so long; at least 1."""
        return max(1, int((seconds - self.overhead) / self.per_token))


CPU = Cost(overhead=8e-3, per_token=0.5e-3)
"""A DistilBERT-sized model in float32 on two cores (Zen 4, torch 2.13): what is believed before the first batch."""

DECAY = 0.97
"""What is left of a batch's weight with each one after it: about the last 30 count."""

RIDGE = 30.0**2
"""Variance of the batches' sizes, in tokens squared, at which they and the guess count the same (ridge regression)."""

OUTLIER_CLIP = 3.0
"""A batch that took longer than so many times the prediction counts as that: it may have had to load its model."""


class CostEstimate:
    """The least-squares line through recent batches; as long as these are of one size, its steepness is a guess.

    Args:
        prior: Two made-up batches on this line are the first, and the guess is that the overhead is as many tokens.

    Attributes:
        cost: What is believed now.
    """

    def __init__(self, prior: Cost) -> None:
        self.cost = prior
        self._overhead_tokens = prior.overhead_tokens
        self._sums = (0.0,) * 5  # weighted, of 1, tokens, seconds, tokens squared, and tokens times seconds
        for tokens in (16, 512):
            self._add(tokens, prior.seconds(tokens))

    def observe(self, tokens: int, seconds: float) -> None:
        """Learn from a batch that took so long."""
        self._add(tokens, min(seconds, OUTLIER_CLIP * self.cost.seconds(tokens)))
        weight, n, t, nn, nt = self._sums
        n, t = n / weight, t / weight
        spread = nn / weight - n * n
        guess = t / (n + self._overhead_tokens)
        slope = (nt / weight - n * t + RIDGE * guess) / (spread + RIDGE)
        slope = min(max(slope, 1e-9), t / n)  # neither a negative price nor a negative overhead
        self.cost = Cost(max(t - slope * n, 1e-9), max(slope, 1e-9))

    def _add(self, tokens: int, seconds: float) -> None:
        new = (1.0, tokens, seconds, tokens**2, tokens * seconds)
        self._sums = tuple(DECAY * old + value for old, value in zip(self._sums, new, strict=True))
