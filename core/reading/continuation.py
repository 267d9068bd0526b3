"""What a causal model goes on with, and what it wrote behind that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from core.errors import BadInput
from core.reading.masks import strip_trailing_special
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import Tokenization

MOST_WRITTEN = 64
"""Tokens that are written behind one text."""

NOTHING = "∅"
"""What is shown of an entry that a model has and its vocabulary does not."""


def encode_prompt(tokenizer: ModelTokenizer, text: str) -> Tokenization:
    """Cut a text that a model shall go on with; space at its end is left to the next word.

    Raises:
        CoreError: As for `ModelTokenizer.encode_within_limit`; or it leaves no room to write anything.
    """
    source = tokenizer.encode_within_limit(text.rstrip(), tokenizer.limit - 1)
    return replace(source, tokens=strip_trailing_special(source.tokens))


def append_written(tokenizer: ModelTokenizer, prompt: Tokenization, written: Sequence[int]) -> Tokenization:
    """A text with what was written behind it.

    Both are decoded together: where a text begins, a token may be spelt otherwise. What was given stays as it is.
    """
    if not written:
        return prompt
    whole, given = tokenizer.decode([*prompt.ids, *written]), len(prompt.tokens)
    last = whole.tokens[given - 1]
    further = len(prompt.text) - last.end
    words = (prompt.tokens[-1].word or 0) - (last.word or 0)
    added = (
        replace(
            token,
            start=token.start + further,
            end=token.end + further,
            word=None if token.word is None else token.word + words,
        )
        for token in whole.tokens[given:]
    )
    return replace(prompt, text=prompt.text + whole.text[last.end :], tokens=(*prompt.tokens, *added), normalised=None)


def spell_next(tokenizer: ModelTokenizer, source: Tokenization, ids: Sequence[int]) -> list[str]:
    """What each of some tokens would add to a text; special ones by their names."""
    words, last = list[str](), source.tokens[-1]
    shared = takewhile(lambda token: token is last or token.end > last.start, reversed(source.tokens))
    end = [token.id for token in shared][::-1]  # the bytes of a character say something only together
    for id in ids:
        both = tokenizer.decode([*end, id])
        *_, before, after = both.tokens
        words.append((not after.special and both.text[before.end :]) or after.piece or NOTHING)
    return words


def check_written(tokenizer: ModelTokenizer, prompt: Tokenization, written: Sequence[int]) -> None:
    """Refuse what no model can have written behind a text.

    Raises:
        BadInput: It is too much, or something in it is no token of the vocabulary.
    """
    if len(written) > MOST_WRITTEN or len(prompt.tokens) + len(written) > tokenizer.limit:
        raise BadInput(
            "At most {most} tokens are written behind a text: begin anew with what there is.", most=MOST_WRITTEN
        )
    if written and not 0 <= min(written) <= max(written) < tokenizer.vocabulary:
        raise BadInput("What is said to be written has a token that the model does not know: begin anew with the text.")
