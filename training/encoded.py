"""Text as token ids: encoded once, cut anew for every pass, gathered into batches without padding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training.corpus import SENTENCE_END, Document, Ids, share_of

READ_AHEAD = 500  # documents tokenized at once
SHORTEST = 8  # tokens that a run of several sentences has at least, where the text has them


@dataclass(frozen=True, slots=True)
class Encoded:
    """Documents as ids, one after the other.

    Attributes:
        ids: ``(tokens,)``, int16: the vocabularies in the box have fewer than 32,768 entries.
        sentences: ``(sentences,)``: where in `ids` each sentence ends.
        documents: ``(documents,)``: where in `ids` each document ends.
        shares: ``(documents,)``: how often each document takes part in one pass.

    """

    ids: npt.NDArray[np.int16]
    sentences: Ids
    documents: Ids
    shares: npt.NDArray[np.float64]

    def runs(self, longest: int, seed: int) -> Iterator[Ids]:
        """Every document once, as runs of whole sentences of at most `longest` tokens."""
        everything = np.arange(len(self.documents))
        for start, length in zip(*cut(self, everything, longest, np.random.default_rng(seed)), strict=True):
            yield self.ids[start : start + length].astype(np.int64)

    def save(self, path: Path) -> None:
        """Write the arrays to an ``.npz`` file; an interruption leaves no half-written one."""
        unfinished = path.with_suffix(".writing.npz")
        np.savez(unfinished, ids=self.ids, sentences=self.sentences, documents=self.documents, shares=self.shares)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> Encoded:
        """Read what `save` has written."""
        with np.load(path) as arrays:
            return cls(**arrays)


def encode(documents: Iterable[Document], tokenizer: Tokenizer) -> Encoded:
    """Tokenize documents, without special tokens."""
    ids: list[npt.NDArray[np.int16]] = []
    lengths: list[int] = []  # of the sentences
    sizes: list[int] = []  # of the documents, in sentences
    shares: list[float] = []
    remaining = iter(documents)
    while chunk := list(islice(remaining, READ_AHEAD)):
        sentences = [SENTENCE_END.split(" ".join(document.lines)) for document in chunk]
        encodings = tokenizer.encode_batch_fast([s for group in sentences for s in group], add_special_tokens=False)
        pieces = [np.array(encoding.ids, dtype=np.int16) for encoding in encodings]
        ids.append(np.concatenate(pieces))
        lengths += map(len, pieces)
        sizes += map(len, sentences)
        shares += [share_of(document) for document in chunk]
    ends = np.cumsum(lengths, dtype=np.int64)
    documents_end = ends[np.cumsum(sizes, dtype=np.int64) - 1] if sizes else ends
    return Encoded(np.concatenate(ids) if ids else np.zeros(0, np.int16), ends, documents_end, np.array(shares))


def joined(parts: Sequence[Encoded]) -> Encoded:
    """Several texts as one."""
    offsets = np.cumsum([0, *(len(part.ids) for part in parts)])[:-1]
    return Encoded(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.sentences + offset for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.documents + offset for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.shares for part in parts]),
    )


def cut(encoded: Encoded, chosen: Ids, longest: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
    """Cut the chosen documents into runs of whole sentences, at most `longest` tokens each: starts and lengths.

    Lengths vary on purpose, from single sentences up to the limit: that is how the models will be used. All documents
    are cut at once, the first run of each, then the second; what a long sentence has beyond `longest` is left out.
    """
    at, stop = np.concatenate([[0], encoded.documents])[chosen], encoded.documents[chosen]
    begins = np.concatenate([[0], encoded.sentences])
    starts: list[Ids] = []
    lengths: list[Ids] = []
    while (unfinished := at < stop).any():
        at, stop = at[unfinished], stop[unfinished]
        targets = rng.integers(min(SHORTEST, longest), longest + 1, len(at))
        fitting = begins[np.searchsorted(encoded.sentences, at + targets, side="right")]
        first = encoded.sentences[np.searchsorted(encoded.sentences, at, side="right")]
        end = np.minimum(np.maximum(fitting, first), stop)
        starts.append(at)
        lengths.append(np.minimum(end - at, longest))
        at = end
    nothing = np.zeros(0, dtype=np.int64)
    return np.concatenate([nothing, *starts]), np.concatenate([nothing, *lengths])


@dataclass(frozen=True, slots=True)
class Text:
    """What a model learns from, ready for its device.

    Attributes:
        encoded: The documents.
        tokenizer: What has encoded them.
        seed: Of every choice.
        batch: Tokens in a batch, about.
        device: Where the batches are wanted.

    """

    encoded: Encoded
    tokenizer: Tokenizer
    seed: int
    batch: int
    device: torch.device

    def batches(self, longest: int, begin: int, end: int) -> Iterator[dict[str, Tensor]]:
        """Batches of ids ``(rows, length)`` without end, each run between two special tokens.

        All rows of a batch have the same length, so there is no padding. Every pass draws its documents by their
        shares and cuts them anew.
        """
        ids = torch.from_numpy(self.encoded.ids).to(self.device)
        with ThreadPoolExecutor(1) as ahead:  # a pass is laid out, in seconds, while the one before is learned from
            coming = ahead.submit(self._pass, longest, self.seed)
            for number in count(self.seed + 1):
                batches, coming = coming.result(), ahead.submit(self._pass, longest, number)
                for starts, length in batches:
                    at = torch.from_numpy(starts).to(self.device)[:, None] + torch.arange(length, device=self.device)
                    run = functional.pad(ids[at].long(), (1, 0), value=begin)
                    yield {"input_ids": functional.pad(run, (0, 1), value=end)}

    def _pass(self, longest: int, seed: int) -> list[tuple[Ids, int]]:
        """The batches of one pass, in random order: where their runs start, and the length they have in common.

        The last batch of a length takes runs of the one before to be as large: a GPU is slow with every new shape.
        """
        rng, shares = np.random.default_rng(seed), self.encoded.shares
        times = (shares + rng.random(len(shares))).astype(np.int64)
        starts, lengths = cut(self.encoded, np.repeat(np.arange(len(shares)), times), longest - 2, rng)
        order = np.lexsort((rng.random(len(starts)), lengths))
        found, first = np.unique(lengths[order], return_index=True)
        batches = [
            (group[max(0, min(at, len(group) - rows)) :][:rows], length)
            for length, group in zip(found.tolist(), np.split(starts[order], first[1:]), strict=True)
            for rows in [max(1, self.batch // (length + 2))]
            for at in range(0, len(group), rows)
        ]
        return [batches[number] for number in rng.permutation(len(batches))]
