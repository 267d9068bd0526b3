"""Gaps in what people write: masks, or for a causal model the one place where it goes on."""

from __future__ import annotations

import re
from dataclasses import replace

from core.errors import BadInput, ModelUnavailable
from core.reading.limits import NO_LIMIT
from core.reading.tokenizer import ModelTokenizer
from core.results import Token, Tokenization

ANY_MASK = re.compile(r"\[mask\]|<mask>|_{3,}", re.IGNORECASE)
MAX_MASKS = 6
"""Of one text: more would not fit into a card."""


def require_mask(text: str, *, causal: bool = False) -> None:
    """Refuse a text with more than `MAX_MASKS`, or without one in any spelling, unless a causal model goes on with it.

    Raises:
        BadInput: It has too many, or none.
    """
    count = len(ANY_MASK.findall(text))
    if not count and not causal:
        raise BadInput(
            "There is no mask in that text: write [MASK], <mask> or ___ where the missing word belongs, or choose a "
            "model like GPT, which goes on with a text."
        )
    if count > MAX_MASKS:
        raise BadInput(
            "That text has {count} masks and at most {most} are filled at once: take some out.",
            count=count,
            most=MAX_MASKS,
        )


def encode_masked(tokenizer: ModelTokenizer, text: str, most: int = NO_LIMIT) -> Tokenization:
    """Cut a text whose gaps a model is going to fill; for a causal model, what stands before its gap, or all of it.

    It may have at most so many tokens, and as many as the model reads.

    Raises:
        ModelUnavailable: The model has no mask.
        CoreError: As for `require_mask` and `ModelTokenizer.encode_within_limit`; or a mask lies beyond what the model
            reads, or a causal model finds several gaps, or nothing to go on.
    """
    require_mask(text, causal=tokenizer.causal)
    if tokenizer.causal:
        return _before(tokenizer, text, most)
    if tokenizer.mask is None:
        raise ModelUnavailable(
            "The model {model} cannot fill masks: ask the bot's host for one that can.", model=tokenizer.model.name
        )
    masked = ANY_MASK.sub(tokenizer.mask, text)
    source = tokenizer.encode(masked)
    last = source.masks[-1]
    if last + sum(token.special for token in source.tokens[last + 1 :]) >= tokenizer.limit:
        raise BadInput(
            "That text is {tokens:,} tokens long, and a mask lies beyond the {limit:,} that this model reads: shorten "
            "what stands before it.",
            tokens=len(source.tokens),
            limit=tokenizer.limit,
        )
    return tokenizer.encode_within_limit(masked, most)


def encode_one_gap(tokenizer: ModelTokenizer, text: str, most: int) -> Tokenization:
    """Cut a text with a single gap, of at most so many tokens.

    Raises:
        CoreError: As for `encode_masked`; or there are several gaps.
        TooLong: It has more tokens.
    """
    source = encode_masked(tokenizer, text, most)
    if len(source.masks) > 1:
        raise BadInput("That is answered for one mask at a time: leave only one in the text.")
    return source


def answer_positions(source: Tokenization) -> tuple[int, ...]:
    """The tokens at which a model answers: the masks, or of a text for a causal model the last that it reads."""
    return tuple(source.masks) or (len(source.tokens) - 1,)


def filling_task(source: Tokenization) -> str:
    """Which of `core.tasks.TASKS` fills the gaps."""
    return "unmask" if source.masks else "causal"


def strip_trailing_special(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Tokens without the special ones at their end, after which a model would not go on."""
    ordinary = [place for place, token in enumerate(tokens) if not token.special]
    return tokens[: ordinary[-1] + 1]


def _before(tokenizer: ModelTokenizer, text: str, most: int) -> Tokenization:
    """The tokens of what stands before the only gap or the end, and the whole text; space there is the next word's."""
    before, *rest = ANY_MASK.split(text)
    if len(rest) > 1:
        raise BadInput("The model {model} fills one gap: leave only one in the text.", model=tokenizer.model.name)
    if not before.strip():
        raise BadInput(
            "The model {model} goes from left to right: write something before the gap.", model=tokenizer.model.name
        )
    source = tokenizer.encode_within_limit(before.rstrip(), most)
    return replace(source, text=text, tokens=strip_trailing_special(source.tokens))
