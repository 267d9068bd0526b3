"""Which of four words does a model put first in a gap? The numbers are their token ids."""

from __future__ import annotations

from random import Random

from core.errors import Expired
from core.quiz.question import NoQuestion, Numbers, Options
from core.results import Candidate, Unmasked

CANDIDATES = 10
"""Words that the model is asked for."""

CHOSEN_FROM = 8
"""The first so many make up the options: they stay among `CANDIDATES` where another device rounds otherwise."""

SURE, AHEAD = 0.15, 0.08
"""How probable the first word must be, and how far ahead of the next."""


def choose(result: Unmasked, random: Random, truth: str = "") -> Numbers | None:
    """Choose four words: the model's first, the true one if the model thinks of it, and others of its own.

    Returns:
        Nothing if the model is not sure, or thinks of too few whole words.

    Raises:
        NoQuestion: There are several gaps.
    """
    if len(result.masks) != 1:
        raise NoQuestion("A round is about one gap: leave only one in the text.")
    first, second, *_ = (*result.masks[0], Candidate(0, "", 0.0, ""), Candidate(0, "", 0.0, ""))
    words: dict[str, Candidate] = {}
    for candidate in result.masks[0][:CHOSEN_FROM]:
        if _is_word(candidate):
            words.setdefault(_plain(candidate), candidate)
    if first not in words.values() or first.probability < SURE or first.probability - second.probability < AHEAD:
        return None
    others = [word for word, candidate in words.items() if candidate is not first]
    random.shuffle(others)
    others.sort(key=lambda word: word != truth.casefold())
    chosen = [first, *(words[word] for word in others[:3])]
    if len(chosen) < 4:
        return None
    random.shuffle(chosen)
    return tuple(candidate.id for candidate in chosen)


def judge(result: Unmasked, ids: Numbers) -> Options:
    """Say which of four words the model puts first.

    Raises:
        Expired: It thinks of others.
    """
    known = {candidate.id: candidate for candidate in result.masks[0]} if len(result.masks) == 1 else {}
    if len(ids) != 4 or not known.keys() >= {*ids} or (first := result.masks[0][0].id) not in ids:
        raise Expired
    return Options(tuple(known[id].word.strip() for id in ids), ids.index(first))


def _is_word(candidate: Candidate) -> bool:
    return len(_plain(candidate)) > 1 and _plain(candidate).isalpha()


def _plain(candidate: Candidate) -> str:
    return candidate.word.strip().casefold()
