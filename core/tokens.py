"""Tokenizers: ids, offsets and words of a text.

The Rust library `tokenizers` is used directly: `AutoTokenizer` would load torch, and it sets truncation and padding on
a shared object at every call, which is silently wrong between threads. A `Reader` never changes after it is made.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Self

from tokenizers import Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer

from core.errors import BadInput, ModelUnavailable, TooLong
from core.results import ModelInfo, Token, Tokenization

ANY_MASK = re.compile(r"\[mask\]|<mask>|_{3,}", re.IGNORECASE)
NO_LIMIT = 1_000_000
"""transformers writes 1e30 where a tokenizer knows no limit."""

POSITIONS_LOST = {"roberta": 2, "xlm-roberta": 2, "camembert": 2, "mpnet": 2}
"""These count positions from the padding id plus one, and so have fewer than their configuration says."""


class Reader:
    """A model's tokenizer.

    Attributes:
        model: Whose it is.
        mask: How the model writes a mask, or ``None`` if it has none.
        limit: The most tokens it reads, special tokens included.
    """

    def __init__(self, model: ModelInfo, tokenizer: Tokenizer, limit: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._unknown = tokenizer.token_to_id(getattr(tokenizer.model, "unk_token", None) or "")
        self.model, self.limit = model, limit
        added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
        self.mask = next((mask for mask in ("[MASK]", "<mask>") if mask in added), None)

    @classmethod
    def load(cls, model: ModelInfo, folder: Path) -> Self:
        """Read a tokenizer from a folder in the Hugging Face layout.

        Raises:
            ModelUnavailable: It has none of a kind that can be read without running the model's own code.
        """
        config, options = _read(folder / "config.json"), _read(folder / "tokenizer_config.json")
        if (folder / "tokenizer.json").exists():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        elif (folder / "vocab.txt").exists():
            lowercase = options.get("do_lower_case", True)
            built = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=lowercase)
            built.add_special_tokens(["[MASK]"])
            tokenizer = Tokenizer.from_str(built.to_str())
        else:
            raise ModelUnavailable(f"The model {model.name} has no tokenizer that can be read: choose another model.")
        positions = config.get("max_position_embeddings") or config.get("n_positions") or NO_LIMIT
        positions -= POSITIONS_LOST.get(config.get("model_type", ""), 0)
        return cls(model, tokenizer, int(min(positions, options.get("model_max_length") or NO_LIMIT, NO_LIMIT)))

    def read(self, text: str) -> Tokenization:
        """Cut a text into tokens, special tokens included. Offsets count code points of the text."""
        (encoding,) = self._tokenizer.encode_batch([text])
        rows = zip(
            encoding.ids,
            encoding.tokens,
            encoding.offsets,
            encoding.special_tokens_mask,
            encoding.word_ids,
            strict=True,
        )
        return Tokenization(
            text,
            self.model,
            tuple(
                Token(id, piece, *(span if not special else (0, 0)), bool(special), id == self._unknown, word)
                for id, piece, span, special, word in rows
            ),
        )

    def read_within_limit(self, text: str, limit: int = NO_LIMIT) -> Tokenization:
        """Cut a text that a model is going to read.

        Raises:
            TooLong: It has more tokens than the model, or `limit`, allows.
        """
        source = self.read(text)
        allowed = min(limit, self.limit)
        if len(source.tokens) > allowed:
            raise TooLong(len(source.tokens), allowed)
        return source

    def with_masks(self, text: str) -> str:
        """Write ``[MASK]``, ``<mask>`` and ``___`` the way this model does.

        Raises:
            ModelUnavailable: The model has no mask.
            BadInput: The text has none.
        """
        if self.mask is None:
            raise ModelUnavailable(
                f"The model {self.model.name} cannot fill masks: ask the bot's host for one that can."
            )
        require_mask(text)
        return ANY_MASK.sub(self.mask, text)


def require_mask(text: str) -> None:
    """Refuse a text without a mask in any spelling.

    Raises:
        BadInput: It has none.
    """
    if not ANY_MASK.search(text):
        raise BadInput("There is no mask in that text: write [MASK], <mask> or ___ where the missing word belongs.")


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
