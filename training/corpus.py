"""Training text: read it, and hold some of it out."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

# How often each file takes part in one pass, 1 where it is not named. Conversation and everyday sentences weigh more
# than their size, encyclopaedia articles and repetitive logs less, because people will type sentences.
SHARES = {
    "tatoeba_en": 8.0,
    "names": 5.0,
    "opinions": 3.0,
    "web_ewt": 3.0,
    "reddit_goemotions": 3.0,
    "ml_docs_d2l_hfcourse": 2.0,
    "dialog_taskmaster": 2.0,
    "dialog_topicalchat": 1.5,
    "books_standardebooks": 1.0,
    "wiki_2014": 1.0,
    "wiki_good_2019": 0.8,
    "wiki_featured_2019": 0.6,
    "changelog": 0.5,
    "dialog_sgd": 0.5,
    "chat_irc": 0.4,
}
HELD_OUT_EVERY = 200  # one document in 200 (0.5 %) is never trained on
NAMING = re.compile(r".{0,100}\b(?:is|was|are|were|called|named) [A-Z][a-z]+\b.{0,40}(?<=\w{4})[.!?]")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

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


def sources(folder: Path) -> list[Path]:
    """The files ``NAME.txt`` or ``NAME.txt.xz`` of a folder."""
    return sorted([*folder.glob("*.txt"), *folder.glob("*.txt.xz")])


def name_of(path: Path) -> str:
    """``NAME`` of a file of text."""
    return path.name.split(".")[0]


def read_documents(path: Path) -> Iterator[Document]:
    """Every document of a file: a line is a paragraph or an utterance, a blank line ends a document."""
    for block in read_text(path).split("\n\n"):
        lines = tuple(line for line in block.splitlines() if line.strip())
        if lines:
            yield Document(name_of(path), lines)


def split(documents: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    """The documents of a file to train on, and those held out: one in `HELD_OUT_EVERY`, whole."""
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


def share_of(document: Document) -> float:
    """How often a document takes part in one pass."""
    return SHARES.get(document.source, 1.0)


def framed(runs: Iterable[Ids], begin: int, end: int) -> Iterator[Ids]:
    """Each run between two special tokens."""
    return (np.array([begin, *run, end], dtype=np.int64) for run in runs)


def padded(runs: Sequence[Ids] | Sequence[list[int]], pad: int) -> Ids:
    """Runs of different lengths as one array ``(rows, longest)``, filled up with `pad` at the end."""
    batch = np.full((len(runs), max(map(len, runs))), pad, dtype=np.int64)
    for row, run in zip(batch, runs, strict=True):
        row[: len(run)] = run
    return batch
