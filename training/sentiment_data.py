"""Sentences with a known opinion, read from the sentiment files, and the changes that make them look typed."""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from training.corpus import read_text

Example = tuple[str, int]  # text, 0 negative or 1 positive
Phrase = tuple[str, ...]

# SST-2 and its relatives are split into words ("do n't", "it 's ."); people do not type like that.
GLUED = re.compile(r" (n['’]t|['’](?:s|re|ve|ll|d|m)|[.,!?;:%)\]])(?=\s|$)", re.IGNORECASE)
OPENING = re.compile(r"([(\[$]) (?=\S)")
REVIEW_WORDS = (15, 150)  # the shortest and the longest part of a long review that is learned from
APART_EVERY = 10  # reviews: one of so many is only measured on
CLEAR_RATING = 0.8  # of 4
LONGER = re.compile(r"[^\W\d_]{4,}")
HURRY = 0.4  # share of the texts that have typos
SLIPS = 0.25  # share of their longer words


def read(path: Path) -> list[tuple[str, str]]:
    """The ``label<TAB>text`` rows of a file, plain or ``.xz``."""
    rows = (line.split("\t", 1) for line in read_text(path).split("\n"))
    return [(row[0], row[1]) for row in rows if len(row) == 2]


def binary(path: Path) -> list[Example]:
    """Rows labelled 0 or 1."""
    return [(text, int(label)) for label, text in read(path)]


def emotions(path: Path) -> list[Example]:
    """GoEmotions comments that are plainly negative (1) or positive (3); the others are left out."""
    return [(text, int(label == "3")) for label, text in read(path) if label in {"1", "3"}]


def rated(path: Path) -> list[Example]:
    """Sentences with a mean human rating from -4 to 4, kept where it is far enough from zero."""
    return [(text, int(float(label) > 0)) for label, text in read(path) if abs(float(label)) >= CLEAR_RATING]


def endings(reviews: Sequence[Example], seed: int) -> list[Example]:
    """The last words of long reviews, 15 to 150 of them: a review closes with its verdict, and people type less."""
    rng = random.Random(seed)
    shortest, longest = map(math.log, REVIEW_WORDS)

    def ending(text: str) -> str:
        return " ".join(text.split()[-round(math.exp(rng.uniform(shortest, longest))) :])

    return [(ending(text), label) for text, label in reviews]


def products(folder: Path, *, kept_apart: bool) -> list[Example]:
    """Sentences about products: one in ten, which is only measured on, or the others."""
    return one_in_ten(binary(folder / "customer-reviews.tsv"), kept_apart)


def films(folder: Path, *, kept_apart: bool) -> list[Example]:
    """Whole reviews of films: one in ten, which is only measured on, or the others."""
    return one_in_ten(binary(folder / "imdb-train.tsv.xz"), kept_apart)


def one_in_ten(examples: Sequence[Example], kept_apart: bool) -> list[Example]:
    """The first of every ten examples, or the nine others."""
    return [example for number, example in enumerate(examples) if (number % APART_EVERY == 0) is kept_apart]


def training_examples(folder: Path, seed: int = 0) -> list[Example]:
    """All labelled texts except those to be measured on and what is nearly the same as a sentence of SST-2's.

    The seed decides how much of a long review there is.
    """
    examples = [
        *binary(folder / "sst2-train.tsv.xz"),
        *binary(folder / "movie-reviews.tsv"),
        *products(folder, kept_apart=False),
        *endings(films(folder, kept_apart=False), seed),
        *rated(folder / "vader-rated.tsv"),
        *emotions(folder / "goemotions-train.tsv.xz"),
    ]
    return without_copies(examples, [text for text, _ in binary(folder / "sst2-dev.tsv")])


def without_copies(examples: Sequence[Example], apart: Sequence[str]) -> list[Example]:
    """The examples that do not hold most of a sentence of `apart`, word for word.

    The SST-2 sentences were taken from the movie reviews and retouched there, so that comparing whole sentences misses
    about a hundred copies.
    """
    phrases = [phrases_of(text) for text in apart]
    owners: dict[Phrase, list[int]] = defaultdict(list)
    for number, found in enumerate(phrases):
        for phrase in found:
            owners[phrase].append(number)

    def copies(text: str) -> bool:
        shared = Counter(number for phrase in phrases_of(text) for number in owners.get(phrase, ()))
        return any(count > len(phrases[number]) / 2 for number, count in shared.items())

    return [example for example in examples if not copies(example[0])]


def phrases_of(text: str) -> set[Phrase]:
    """All runs of five words, compared without case and punctuation."""
    words = re.findall(r"\w+", text.lower().replace("'", ""))
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


def calibration(folder: Path) -> list[Example]:
    """Sentences that set the temperature: neither trained on nor among the SST-2 sentences it is measured on."""
    return emotions(folder / "goemotions-dev.tsv")


def detokenize(text: str) -> str:
    """``it is n't bad .`` → ``it isn't bad.``: clitics and punctuation joined to their word."""
    return OPENING.sub(r"\1", GLUED.sub(r"\1", text))


def mistyped(text: str, rng: random.Random) -> str:
    """The text with a typo in some of its longer words: two letters swapped, or one doubled or left out."""

    def slip(word: re.Match[str]) -> str:
        if rng.random() >= SLIPS:
            return word[0]
        at = rng.randrange(len(word[0]) - 1)
        pair = word[0][at : at + 2]
        return word[0][:at] + rng.choice([pair[::-1], pair[0] + pair, pair[1]]) + word[0][at + 2 :]

    return LONGER.sub(slip, text)


def in_a_hurry(examples: Sequence[Example], seed: int) -> list[Example]:
    """The same sentences with typos."""
    rng = random.Random(seed)
    return [(mistyped(text, rng), label) for text, label in examples]


def as_typed(text: str, rng: random.Random) -> str:
    """Half the time the text as it is, otherwise joined up as a person would have typed it; now and then in a hurry."""
    if rng.random() < 0.5:
        text = detokenize(text)
    return mistyped(text, rng) if rng.random() < HURRY else text
