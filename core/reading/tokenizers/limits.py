"""How many tokens a model reads, as far as its files say; `core.tasks.engine.loading` asks the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NO_LIMIT = 1_000_000
"""transformers writes 1e30 where a tokenizer knows no limit."""

POSITIONS_FROM_PADDING = frozenset(
    "roberta xlm-roberta camembert data2vec-text xlm-roberta-xl roberta-prelayernorm xmod esm ibert luke lilt markuplm "
    "mpnet".split()
)
"""These count positions from the padding id plus one, and so have fewer than their configuration says."""


def token_limit(config: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """The most tokens of a text, special tokens included.

    Args:
        config: What is in ``config.json``.
        options: What is in ``tokenizer_config.json``.
    """
    positions = config.get("max_position_embeddings") or config.get("n_positions") or NO_LIMIT
    told = (positions - _positions_lost(config), options.get("model_max_length") or NO_LIMIT)
    return int(min(NO_LIMIT, *(limit if limit > 0 else NO_LIMIT for limit in told)))  # -1 is for none


def _positions_lost(config: Mapping[str, Any]) -> int:
    """How many positions no token ever gets."""
    family, padding = config.get("model_type"), config.get("pad_token_id")
    if family not in POSITIONS_FROM_PADDING:
        return 0
    return 2 if padding is None or family == "mpnet" else padding + 1
