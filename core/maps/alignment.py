"""Which head of cross-attention aligns the tokens written with those read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.maps.measures import Floats
from core.results import Token


def alignment(weights: npt.NDArray[np.floating], rows: tuple[Token, ...], columns: tuple[Token, ...]) -> Floats:
    """Measure how much of a written token's attention goes to its counterparts among the tokens read.

    A token read is the counterpart of the written token that looks at it most, so each counts once: a head that stares
    at the same token whatever is written aligns that one only. In the order of the words nothing is supposed.

    Many heads align the token written *before*, which the decoder has just read ("one word off", Koehn & Knowles 2017,
    arXiv:1706.03872): they have more in the rows that follow the written tokens than in the tokens' own. These count
    as 0.

    Args:
        weights: ``(…, M, N)``.
        rows: The M tokens that are written.
        columns: The N tokens that are read.

    Returns:
        float32 ``(…)``, the mean over the ordinary tokens written, of what goes to ordinary tokens read; 0 where there
        are none on either side.
    """
    written, read = (np.array([not token.special for token in tokens]) for tokens in (rows, columns))
    if not (written.any() and read.any()):
        return np.zeros(weights.shape[:-2], np.float32)
    shares = weights.astype(np.float32)[..., read]
    after = np.append(False, written[:-1])  # the rows in which the decoder has just read what it wrote
    own, before = (shares[..., chosen, :].max(axis=-2, initial=0).sum(axis=-1) for chosen in (written, after))
    return np.where(own >= before, own / written.sum(), 0).astype(np.float32)
