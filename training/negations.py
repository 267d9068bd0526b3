"""Opinions that a word turns round, such as "not bad at all": few of the labelled sentences are like that.

Sentences are made from words of known polarity, plain and denied. One word in three is kept apart, to measure whether
denying was learned or only these words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from training.sentiment_data import Example

APART_EVERY = 3

# What is denied: negative and positive words, each kind with the sentences it fits into.
WORDS: dict[str, tuple[str, str]] = {
    "quality": (
        "bad awful boring terrible horrible ugly stupid dull slow poor weak annoying wrong sad difficult lame useless "
        "dirty confusing noisy broken shabby scary silly cheap rude cold messy painful dangerous disappointing "
        "disgusting",
        "good great interesting nice fun funny happy helpful useful clever easy tasty fast amazing impressive "
        "convincing friendly fresh beautiful exciting charming original clear smart entertaining comfortable "
        "enjoyable worthwhile likeable pleasant reliable perfect",
    ),
    "thing": (
        "problem problems complaints regrets flaws issues bugs mistakes trouble worries doubts delays errors risk",
        "fun joy help talent charm humour hope taste luck quality substance surprises sense value",
    ),
    "act": (
        "fail disappoint bore annoy crash hurt complain frustrate offend break",
        "work help deliver convince impress inspire please satisfy entertain shine succeed improve",
    ),
    "feeling": (
        "hate regret mind dislike fear doubt",
        "like enjoy recommend love trust want admire appreciate",
    ),
}
DENIED = {
    "quality": (
        "not {}",
        "not {} at all",
        "not too {}",
        "never {}",
        "hardly {}",
        "It isn't {}.",
        "it's not {}",
        "It is not {} at all.",
        "That wasn't {}.",
        "This is not {}, actually.",
        "They are not {}!",
        "The food was not {}.",
        "The service wasn't {} at all.",
        "I don't think it is {}.",
        "There is nothing {} about it.",
        "It never gets {}.",
    ),
    "thing": (
        "no {}",
        "no {} at all",
        "without {}",
        "I have no {}.",
        "There was no {}.",
        "It has no {}",
        "There isn't any {}.",
        "not a hint of {}",
        "no {} so far, 3 weeks in",
    ),
    "act": (
        "It will never {}.",
        "It doesn't {}.",
        "It didn't {} me.",
        "They don't {}.",
        "I can't {}.",
        "This won't {} you.",
        "did not {} at all",
        "You can't say that they {}.",
    ),
    "feeling": (
        "I don't {} it",
        "I don't {} it.",
        "I did not {} the film.",
        "I wouldn't {} it.",
        "I can't say I {} it.",
        "Nobody will {} this.",
        "you won't {} it!",
        "We never {} going there.",
    ),
}
PLAIN = {
    "quality": ("{}", "very {}", "It is {}.", "that was {}", "so {}!", "The food was {}.", "I think it is {}."),
    "thing": ("only {}", "so many {}", "It is full of {}.", "I have {}.", "{} everywhere"),
    "act": ("It will {}.", "They always {}.", "They {}.", "This will {} you."),
    "feeling": ("I {} it", "I really {} it.", "You will {} this.", "We {} going there."),
}


def training_examples() -> list[Example]:
    """Plain and denied sentences."""
    return [*sentences(denied=False, kept_apart=False), *sentences(denied=True, kept_apart=False)]


def held_out() -> list[Example]:
    """Denied sentences with words that `training` does not have."""
    return [*sentences(denied=True, kept_apart=True)]


def sentences(*, denied: bool, kept_apart: bool) -> Iterator[Example]:
    """Every sentence with every word that is, or is not, kept apart; a denied word has the other label."""
    for kind, frames in (DENIED if denied else PLAIN).items():
        for label, words in enumerate(WORDS[kind]):
            for word in chosen(words.split(), kept_apart):
                yield from ((frame.format(word), label ^ denied) for frame in frames)


def chosen(words: Sequence[str], kept_apart: bool) -> list[str]:
    """One word in three, or the other two."""
    return [word for number, word in enumerate(words) if (number % APART_EVERY == APART_EVERY - 1) is kept_apart]
