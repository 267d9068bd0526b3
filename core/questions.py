"""What a device can be asked beyond a command's first answer: plain data, sent to the task whose model it is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenizerFiles:
    """How does transformers read this tokenizer? For the task "tokenizer", which answers with what follows.

    Attributes:
        folder: Where its files are.
        model: What people call the model.
    """

    folder: str
    model: str


@dataclass(frozen=True, slots=True)
class SerialisedTokenizer:
    """A tokenizer as transformers made it, for the Rust library to read.

    Attributes:
        content: What would stand in its ``tokenizer.json``.
        unknown: The id of what the vocabulary lacks, if anything can be lacking.
        splits_special: Whether a special token in a text is cut as any other word.
    """

    content: str
    unknown: int | None
    splits_special: bool


@dataclass(frozen=True, slots=True)
class TextPair:
    """Who looks at whom in two texts? For the task "attention".

    Attributes:
        ids: The N token ids of both.
        second: The position of the second text's first token.
    """

    ids: tuple[int, ...]
    second: int


@dataclass(frozen=True, slots=True)
class CrossAttention:
    """Who looks at whom in an encoder, in its decoder, and from one to the other? For the task "attention".

    Attributes:
        ids: The N token ids of what is read.
        target: Those of what is written; empty if the model shall write by itself.
        most: How many tokens it may write then.
    """

    ids: tuple[int, ...]
    target: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class WeightSources:
    """How is one row of attention weights made? For the task "attention" or "across".

    Attributes:
        asked: The question whose answer holds the weights.
        kind: Which attention of a model with an encoder and a decoder: "encoder", "decoder" or "cross".
        layer: From 0, as the next two.
        head: Which head of the layer.
        row: Which of the tokens that look.
    """

    asked: TextPair | CrossAttention | tuple[int, ...]
    kind: str
    layer: int
    head: int
    row: int


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
class JointFilling:
    """How are several masks filled so that the words fit each other? For the task "unmask".

    Attributes:
        ids: The N token ids.
        masks: The positions of the masks among them.
    """

    ids: tuple[int, ...]
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """How probable are these words at a mask, or next? For the task "unmask" or "causal".

    Attributes:
        before: The token ids before the mask.
        after: Those after it.
        mask: That of the mask; ``None`` for what comes next.
        words: The token ids of each word; a word may have several.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    mask: int | None
    words: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class NextToken:
    """Which tokens could come next? For the task "causal".

    Attributes:
        ids: The N token ids so far.
        top: How many are wanted.
    """

    ids: tuple[int, ...]
    top: int


@dataclass(frozen=True, slots=True)
class Continuation:
    """How does a text go on? For the task "causal".

    Attributes:
        ids: The N token ids of what was given.
        written: Those written after them so far.
        count: How many more are to be written, unless the text ends before.
        longest: The most tokens that the model reads, given and written together.
        likeliest: Whether each time the likeliest is taken, rather than one drawn.
        temperature: What logits are divided by before one is drawn; 0 takes the likeliest.
        top_k: How many of the likeliest may be drawn; 0 for all.
        top_p: The share of probability within which one is drawn.
        seed: What draws are made from.
    """

    ids: tuple[int, ...]
    written: tuple[int, ...]
    count: int
    longest: int
    likeliest: bool
    temperature: float
    top_k: int
    top_p: float
    seed: int


@dataclass(frozen=True, slots=True)
class WordAttribution:
    """Which words speak for the label that a classifier gives a text? For the task "sentiment".

    Attributes:
        ids: The N token ids.
        words: The positions of the tokens of each word; special tokens belong to none.
    """

    ids: tuple[int, ...]
    words: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PartAblation:
    """What is the answer without each part of the model? For the task "sentiment", "unmask" or "causal".

    Attributes:
        ids: The N token ids.
        place: Where a language model answers: the position of the mask, or of the token after which comes what is
            asked about; not used for a classifier.
        mean: Whether the mean over all positions stands in for a part, rather than zero.
    """

    ids: tuple[int, ...]
    place: int
    mean: bool


@dataclass(frozen=True, slots=True)
class WindowedText:
    """How does a classifier read a text that it has to read in windows? For the task "sentiment".

    Attributes:
        rows: The token ids of each window.
        weights: What each counts for.
    """

    rows: tuple[tuple[int, ...], ...]
    weights: tuple[int, ...]
