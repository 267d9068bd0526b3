"""How many tokens a model reads, as far as its files say; `core.tasks.engine.loading` asks the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models.config_file import UnusableFile

NO_LIMIT = 1_000_000
"""transformers writes 1e30 where a tokenizer knows no limit."""

POSITIONS = ("max_position_embeddings", "n_positions")
"""What configurations call the number of positions."""

POSITIONS_FROM_PADDING = frozenset(
    "roberta xlm-roberta camembert data2vec-text xlm-roberta-xl roberta-prelayernorm xmod esm ibert luke lilt markuplm "
    "mpnet".split()
)
"""These count positions from the padding id plus one, and so have fewer than their configuration says."""


def token_limit(config: Mapping[str, Any], options: Mapping[str, Any], special: int = 0) -> int:
    """The most tokens of a text, special tokens included.

    Args:
        config: What is in ``config.json``.
        options: What is in ``tokenizer_config.json``.
        special: How many special tokens each text gets.

    Raises:
        UnusableFile: There is no room for any other.
    """
    field = next((name for name in POSITIONS if config.get(name)), POSITIONS[0])
    told = (
        ("config.json", field, config.get(field), _positions_lost(config)),
        ("tokenizer_config.json", "model_max_length", options.get("model_max_length"), 0),
    )
    limit = NO_LIMIT
    for file, name, most, lost in told:
        if most and most > 0:  # -1 is for none
            if most - lost <= special:
                raise UnusableFile(file, name)
            limit = int(min(limit, most - lost))
    return limit


def _positions_lost(config: Mapping[str, Any]) -> int:
    """How many positions no token ever gets."""
    family, padding = config.get("model_type"), config.get("pad_token_id")
    if family not in POSITIONS_FROM_PADDING:
        return 0
    return 2 if padding is None or family == "mpnet" else padding + 1
