"""How an answer came about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogitLens:
    """What would each layer answer? For the task "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        masks: The positions of the masks among them; or that of the token after which comes what is asked about.
    """

    ids: tuple[int, ...]
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SentenceLens:
    """What would each layer put at every position? For the task "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        places: Where the model answers: the positions of the masks, or that of the token after which comes what is
            asked about.
        words: For each of these places the token ids of words to follow through the layers.
        top: How many of the last layer's likeliest words are followed besides.
    """

    ids: tuple[int, ...]
    places: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]
    top: int


@dataclass(frozen=True, slots=True)
class WordAttribution:
    """Which words speak for an answer, or for it rather than another? For the task "sentiment", "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        words: The positions of the tokens of each word; special tokens and masks belong to none.
        place: Where a language model answers, as in `PartAblation`.
        answer: The number of a label, its name, or the id of a token; ``None`` for the most probable, among `others` if
            there are any.
        rather: The same of the answer that it is compared with, if any.
        others: Tokens that are going to be asked about as well, so that their probabilities are wanted, too.
    """

    ids: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]
    place: int = 0
    answer: int | str | None = None
    rather: int | str | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenSurprisal:
    """How probable is each token of a text? For the task "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        words: The positions of the tokens that are judged, by word: of a masked model those of a word are hidden
            together, a causal one judges each by what stands before.
        mask: The id of the mask; ``None`` for a causal model.
        top: How many of the most probable tokens are wanted in the place of each.
    """

    ids: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]
    mask: int | None
    top: int


@dataclass(frozen=True, slots=True)
class PartAblation:
    """What is the answer without some parts of the model? For the task "sentiment", "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        place: Where a language model answers: the position of the mask, or of the token after which comes what is
            asked about; not used for a classifier.
        mean: Whether the mean over all positions stands in for a part, rather than zero.
        off: For one pass after the other, the numbers of the parts that are off; the answer says which there are.
    """

    ids: tuple[int, ...]
    place: int
    mean: bool
    off: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PatchedRun:
    """What is the answer to a text with parts of another text's run in it? For the task "unmask" or "causal".

    Parts are numbered: layer by layer each head, then after the embeddings and each layer every position.

    Attributes:
        ids: The N token ids.
        other: Those of the other text, as many.
        place: Where the model answers: the position of the mask, or of the token after which comes what is asked about.
        words: Two tokens whose logits are compared; if none, the most probable of each text.
        parts: For one pass after the other, the numbers of the parts that are copied.
    """

    ids: tuple[int, ...]
    other: tuple[int, ...]
    place: int
    words: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...] = ()
