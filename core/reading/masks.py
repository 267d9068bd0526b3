"""Gaps in what people write: masks, or for a causal model the one place where it goes on."""

from __future__ import annotations

import re
from dataclasses import replace

from core.errors import BadInput, ModelUnavailable
from core.reading.tokenizers.limits import NO_LIMIT
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import Token, Tokenization, explained_words

ANY_MASK = re.compile(r"\[mask\]|<mask>|_{3,}", re.IGNORECASE)
LAST_WORD = re.compile(r"(?<=\s)\w[\w'’-]*(?=\W*$)")
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
        raise _no_mask(tokenizer)
    masked = ANY_MASK.sub(tokenizer.mask, text)
    source = tokenizer.encode(masked)
    if not source.masks:  # its tokenizer cuts special tokens as any other word
        raise _no_mask(tokenizer)
    last = source.masks[-1]
    if last + sum(token.special for token in source.tokens[last + 1 :]) >= tokenizer.limit:
        raise BadInput(
            "That text is {tokens:,} tokens long, and a mask lies beyond the {limit:,} that this model reads: shorten "
            "what stands before it.",
            tokens=len(source.tokens),
            limit=tokenizer.limit,
        )
    return tokenizer.encode_within_limit(masked, most)


def encode_gaps(tokenizer: ModelTokenizer, text: str, most: int) -> Tokenization:
    """The same for a text of at most so many tokens.

    Raises:
        CoreError: As for `encode_masked`.
        TooLong: It has more tokens.
    """
    return encode_masked(tokenizer, text, most)


def encode_one_gap(tokenizer: ModelTokenizer, text: str, most: int) -> Tokenization:
    """The same with a single gap.

    Raises:
        CoreError: As for `encode_gaps`; or there are several gaps.
    """
    source = encode_gaps(tokenizer, text, most)
    if len(source.masks) > 1:
        raise BadInput("That is answered for one mask at a time: leave only one in the text.")
    return source


def encode_judged(tokenizer: ModelTokenizer, text: str, most: int) -> Tokenization:
    """Cut a text of at most so many tokens whose every token a language model is going to judge; it may have no gap.

    Raises:
        ModelUnavailable: The model neither fills masks nor goes on with texts.
        CoreError: As for `encode_gaps`, but for texts without a mask; or there is no token that could be judged.
    """
    if tokenizer.causal or ANY_MASK.search(text):
        source = encode_gaps(tokenizer, text, most)
    elif tokenizer.mask is None:
        raise _no_mask(tokenizer)
    else:
        source = tokenizer.encode_within_limit(text, most)
    if not judged_words(source, causal=tokenizer.causal):
        raise BadInput("There is no token in that text that the model could judge by others: write more words.")
    return source


def judged_words(source: Tokenization, *, causal: bool) -> tuple[tuple[int, ...], ...]:
    """The positions of the tokens that can be judged, by word; nothing stands before the very first of a causal model.

    A mask is nothing that somebody wrote.
    """
    words = (tuple(place for place in word if place or not causal) for word in explained_words(source))
    return tuple(word for word in words if word)


def answer_positions(source: Tokenization) -> tuple[int, ...]:
    """The tokens at which a model answers: the masks, or of a text for a causal model the last that it reads."""
    return tuple(source.masks) or (len(source.tokens) - 1,)


def answer_position(source: Tokenization, mask: int) -> int:
    """That of the mask with that number, from 1.

    Raises:
        BadInput: There is none.
    """
    places = answer_positions(source)
    if not 1 <= mask <= len(places):
        raise BadInput("That text has {count} masks: there is no mask {number}.", count=len(places), number=mask)
    return places[mask - 1]


def filling_task(source: Tokenization) -> str:
    """Which of `core.tasks.TASKS` fills the gaps."""
    return "unmask" if source.masks else "causal"


def hide_last_word(text: str) -> tuple[str, str]:
    """A text with a gap, and the word that was there: of a text without a gap its last one; none of one with a gap.

    Signs after the last word stay. Where no word stands before another, nothing is hidden.
    """
    found = None if ANY_MASK.search(text) else LAST_WORD.search(text)
    if found is None:
        return text, ""
    return f"{text[: found.start()]}___{text[found.end() :]}", found[0]


def strip_trailing_special(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Tokens without the special ones at their end, after which a model would not go on."""
    ordinary = [place for place, token in enumerate(tokens) if not token.special]
    return tokens[: ordinary[-1] + 1]


def _no_mask(tokenizer: ModelTokenizer) -> ModelUnavailable:
    return ModelUnavailable(
        "The model {model} cannot fill masks: ask the bot's host for one that can.", model=tokenizer.model.name
    )


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
