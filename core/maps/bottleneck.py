"""Growing beginnings of a sentence, and how much of each was said backwards."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.errors import BadInput
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import BottleneckRow, Tokenization, Writing
from core.results.bottleneck import recall

MOST_LENGTHS = 7
"""Of one sentence: 2, 4, 6 words and so on; of a longer one as many, evenly spread."""

WAYS = 3
"""Ways to write: looking back, through one vector, and with neither."""

Words = list[tuple[int, ...]]


def beginnings(tokenizer: ModelTokenizer, text: str) -> list[Tokenization]:
    """The first words of a text, more and more of them, in the end all.

    Raises:
        CoreError: It has not two words, or cannot be read; see `ModelTokenizer.encode_within_limit`.
    """
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    if len(ends) < 2:
        raise BadInput("One word has no order to keep: write a sentence of several words with spaces between them.")
    counts = sorted({*range(2, len(ends) + 1, 2), len(ends)})
    chosen = np.linspace(0, len(counts) - 1, min(MOST_LENGTHS, len(counts))).round().astype(int)
    whole = tokenizer.encode_within_limit(text)
    return [*(tokenizer.encode(text[: ends[counts[place] - 1]]) for place in chosen[:-1].tolist()), whole]


def written_rows(
    tokenizer: ModelTokenizer, read: Sequence[Tokenization], written: Sequence[Sequence[list[int]]]
) -> tuple[BottleneckRow, ...]:
    """What was written to each beginning in each way, held against its words in reverse order."""
    rows = list[BottleneckRow]()
    for source, ways in zip(read, written, strict=True):
        expected = _words(source)[::-1]
        text = tokenizer.decode([id for word in expected for id in word]).text
        found = [_writing(tokenizer, expected, ids) for ids in ways]
        rows.append(BottleneckRow(len(source.text.split()), source.text, text, *found))
    return tuple(rows)


def _writing(tokenizer: ModelTokenizer, expected: Words, ids: list[int]) -> Writing:
    back = tokenizer.decode(ids)
    plain = tokenizer.decode([token.id for token in back.tokens if not token.special])
    return Writing(plain.text, recall(expected, _words(back)))


def _words(source: Tokenization) -> Words:
    """The ids of each word: pieces that begin with ``##`` continue one."""
    words: Words = []
    for token in source.tokens:
        if token.special:
            continue
        if token.piece.startswith("##") and words:
            words[-1] = (*words[-1], token.id)
        else:
            words.append((token.id,))
    return words
