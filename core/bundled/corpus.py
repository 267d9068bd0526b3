"""Training text: read it, hold some of it out, cut it into sequences of token ids."""

from __future__ import annotations

import lzma
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

# How often each file takes part in one pass, 1 where it is not named. Conversation and everyday sentences weigh more
# than their size, encyclopaedia articles and repetitive logs less, because people will type sentences.
SHARES = {
    "names": 12.0,
    "tatoeba_en": 20.0,
    "web_ewt": 4.0,
    "reddit_goemotions": 3.0,
    "ml_docs_d2l_hfcourse": 3.0,
    "dialog_taskmaster": 3.0,
    "dialog_topicalchat": 2.0,
    "books_standardebooks": 0.8,
    "wiki_2014": 1.0,
    "dialog_sgd": 0.4,
    "wiki_good_2019": 0.6,
    "changelog": 0.3,
    "chat_irc": 0.3,
    "wiki_featured_2019": 0.3,
}
HELD_OUT_EVERY = 200  # one document in 200 (0.5 %) is never trained on
NAMING = re.compile(r".{0,100}\b(?:is|was|are|were|called|named) [A-Z][a-z]+\b.{0,40}(?<=\w{4})[.!?]")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
READ_AHEAD = 500  # documents tokenized at once
POOL = 4096  # sequences sorted by length at once; small enough that batches stay varied

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Document:
    """One article, conversation or comment: its lines, and the name of the file it came from."""

    source: str
    lines: tuple[str, ...]


def read_text(path: Path) -> str:
    """The whole of a UTF-8 file, plain or ``.xz``."""
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text(encoding="utf-8")


def read_documents(folder: Path) -> Iterator[Document]:
    """Every document of a folder of ``NAME.txt`` or ``NAME.txt.xz`` files.

    A line is a paragraph or an utterance; a blank line ends a document.
    """
    for path in sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")]):
        for block in read_text(path).split("\n\n"):
            lines = tuple(line for line in block.splitlines() if line.strip())
            if lines:
                yield Document(path.name.split(".")[0], lines)


def split(documents: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and those held out: one in `HELD_OUT_EVERY`, whole."""
    train: list[Document] = []
    held_out: list[Document] = []
    for number, document in enumerate(documents):
        (held_out if number % HELD_OUT_EVERY == 0 else train).append(document)
    return train, held_out


def naming(documents: Iterable[Document]) -> list[Document]:
    """Short sentences that end up at a name, such as "The capital of Japan is Tokyo.", each a document of its own.

    Long texts hold many facts, but few in the form in which people ask for them. What ends with a short word is left
    out: it may have been cut after "Mr." or "St.".
    """
    sentences = (sentence for document in documents for line in document.lines for sentence in SENTENCE_END.split(line))
    return [Document("names", (sentence,)) for sentence in sentences if NAMING.fullmatch(sentence)]


def sampled(documents: Sequence[Document], seed: int) -> list[Document]:
    """The documents of one pass in random order, those of each file repeated or thinned to its share."""
    rng = random.Random(seed)
    chosen: list[Document] = []
    for document in documents:
        share = SHARES.get(document.source, 1.0)
        chosen += [document] * (int(share) + (rng.random() < share % 1))
    rng.shuffle(chosen)
    return chosen


def sequences(documents: Iterable[Document], tokenizer: Tokenizer, longest: int, seed: int) -> Iterator[Ids]:
    """Runs of whole sentences as ids without special tokens, at most `longest` each.

    Lengths vary on purpose, from single sentences up to the limit: that is how the models will be used.
    """
    rng = random.Random(seed)
    remaining = iter(documents)
    while chunk := list(islice(remaining, READ_AHEAD)):
        sentences = [SENTENCE_END.split(" ".join(document.lines)) for document in chunk]
        encoded = iter(tokenizer.encode_batch_fast([s for group in sentences for s in group], add_special_tokens=False))
        for group in sentences:
            yield from _joined([next(encoded).ids for _ in group], longest, rng)


def _joined(sentences: list[list[int]], longest: int, rng: random.Random) -> Iterator[Ids]:
    run: list[int] = []
    target = rng.randint(min(8, longest), longest)
    for ids in sentences:
        if run and len(run) + len(ids) > target:
            yield np.array(run[:longest], dtype=np.int64)
            run, target = [], rng.randint(min(8, longest), longest)
        run += ids
    if run:
        yield np.array(run[:longest], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Text:
    """What a model learns from: documents, the tokenizer that cuts them into ids, and the seed of every choice."""

    documents: Sequence[Document]
    tokenizer: Tokenizer
    seed: int

    def runs(self, longest: int) -> Iterator[Ids]:
        """`sequences`, pass after pass without end, each pass with its own sample and its own cuts."""
        for number in count(self.seed):
            yield from sequences(sampled(self.documents, number), self.tokenizer, longest, number)


def framed(runs: Iterable[Ids], begin: int, end: int) -> Iterator[Ids]:
    """Each run between two special tokens."""
    return (np.array([begin, *run, end], dtype=np.int64) for run in runs)


def batches(runs: Iterable[Ids], tokens: int, pad: int, seed: int) -> Iterator[Ids]:
    """Padded batches ``(rows, longest)`` of about `tokens` ids, of runs of similar length, in random order."""
    rng = random.Random(seed)
    remaining = iter(runs)
    while pool := sorted(islice(remaining, POOL), key=len):
        groups: list[list[Ids]] = [[]]
        for run in pool:
            if groups[-1] and (len(groups[-1]) + 1) * len(run) > tokens:
                groups.append([])
            groups[-1].append(run)
        rng.shuffle(groups)
        yield from (padded(group, pad) for group in groups)


def padded(runs: Sequence[Ids] | Sequence[list[int]], pad: int) -> Ids:
    """Runs of different lengths as one array ``(rows, longest)``, filled up with `pad` at the end."""
    batch = np.full((len(runs), max(map(len, runs))), pad, dtype=np.int64)
    for row, run in zip(batch, runs, strict=True):
        row[: len(run)] = run
    return batch
