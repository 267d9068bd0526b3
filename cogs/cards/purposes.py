"""What a model is for, in the few words that tell it from its neighbours in a list."""

from __future__ import annotations

from core.language import Language
from core.models.architectures import Kind

PURPOSES: dict[Kind, str] = {
    "encoder": "encoder like BERT: sees both sides",
    "decoder": "decoder like GPT: reads left to right",
    "encoder-decoder": "encoder–decoder: looks back while it writes",
    "tokenizer": "tokenizer alone: cuts text into pieces",
}
"""By how a model reads a text."""


def told_purpose(say: Language, kind: Kind) -> str:
    """What a model of that kind is for; nothing where its kind is not known."""
    return say(PURPOSES[kind]) if kind in PURPOSES else ""
