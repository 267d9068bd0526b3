"""How a tokenizer reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """How does transformers read this tokenizer? For the task "tokenizer", which answers with what follows.

    Attributes:
        folder: Where its files are.
        model: What people call the model.
    """

    folder: str
    model: str


@dataclass(frozen=True, slots=True)
class SerialisedTokenizer:
    """A tokenizer as transformers made it, for the Rust library to read.

    Attributes:
        content: What would stand in its ``tokenizer.json``.
        unknown: The id of what the vocabulary lacks, if anything can be lacking.
        splits_special: Whether a special token in a text is cut as any other word.
        types_texts: Whether it tells a model which tokens are those of the second of two texts.
    """

    content: str
    unknown: int | None
    splits_special: bool
    types_texts: bool
