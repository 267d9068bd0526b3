"""What the core answers with: frozen dataclasses of plain data, with no torch and no Discord in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

MASKS = ("[MASK]", "<mask>")
"""How models write a mask."""

TOO_CLOSE = 0.4
"""A binary classifier whose two probabilities are less than this apart is called uncertain."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model answered.

    Attributes:
        name: A Hub id such as ``google-bert/bert-base-uncased``, ``bundled/masked-lm``, or the name of a folder.
        revision: The pinned commit, or ``""`` for a bundled model or a folder.
        bundled: Whether it is one of the small models that come with this project.
        folder: Where its files are, if that is known beforehand; never shown to anybody.
    """

    name: str
    revision: str = ""
    bundled: bool = False
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a text.

    Attributes:
        id: Its number in the model's vocabulary.
        piece: Its spelling there, such as ``##former`` or ``Ġthe``.
        start: Where it begins in the original text, in code points.
        end: Where it ends, exclusive; equal to `start` for special tokens.
        special: Whether the tokenizer added it (``[CLS]``, ``</s>``).
        unknown: Whether the vocabulary lacks it, so that the model cannot see what was written there.
        word: The number of the word it belongs to, or ``None`` for special tokens.
    """

    id: int
    piece: str
    start: int
    end: int
    special: bool = False
    unknown: bool = False
    word: int | None = None


@dataclass(frozen=True, slots=True)
class Tokenization:
    """A text cut into tokens, special tokens included.

    Attributes:
        text: What was written; of a pair both texts, with ``[SEP]`` between them.
        model: Whose tokenizer cut it.
        tokens: The tokens, in order.
        second: Of a pair, the position of the second text's first token; else 0.
        normal: The text as the tokenizer changed it before cutting; ``None`` where it leaves texts alone.
    """

    text: str
    model: ModelInfo
    tokens: tuple[Token, ...]
    second: int = 0
    normal: str | None = None

    @property
    def ids(self) -> list[int]:
        """The token ids in order."""
        return [token.id for token in self.tokens]

    @property
    def masks(self) -> list[int]:
        """The positions of the masks among the tokens."""
        return [n for n, token in enumerate(self.tokens) if token.piece in MASKS]

    @property
    def words(self) -> list[tuple[int, ...]]:
        """The positions of the tokens of each word, special tokens left out."""
        ordinary = [(place, token.word) for place, token in enumerate(self.tokens) if not token.special]
        words = groupby(ordinary, key=lambda pair: (pair[1], pair[0] if pair[1] is None else -1))
        return [tuple(place for place, _ in word) for _, word in words]

    def written(self, places: Sequence[int]) -> str:
        """The stretch of the text that some neighbouring tokens stand for."""
        return self.text[self.tokens[places[0]].start : self.tokens[places[-1]].end]

    @property
    def unknown(self) -> list[str]:
        """The stretches of the original text that the vocabulary lacks."""
        return [self.text[token.start : token.end] for token in self.tokens if token.unknown]


@dataclass(frozen=True, slots=True)
class Score:
    """A label and its probability (0 to 1)."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a classifier reads a text: every label, the most probable first."""

    source: Tokenization
    scores: tuple[Score, ...]

    @property
    def uncertain(self) -> bool:
        """Whether two labels are too close to call; models with more labels have their own for what lies between."""
        return len(self.scores) == 2 and self.scores[0].probability - self.scores[1].probability < TOO_CLOSE


@dataclass(frozen=True, slots=True)
class Variants:
    """Versions of a text, each scored.

    Attributes:
        names: What to call each version.
        answers: How the classifier reads each.
        template: The text with a slot that they were made from; empty for a text that somebody changed.
    """

    names: tuple[str, ...]
    answers: tuple[Sentiment, ...]
    template: str = ""

    @property
    def source(self) -> Tokenization:
        """The first version."""
        return self.answers[0].source

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, the most probable of the first version first."""
        return tuple(score.label for score in self.answers[0].scores)

    def shares(self, label: str) -> tuple[float, ...]:
        """The probability of a label for each version."""
        return tuple({score.label: score.probability for score in answer.scores}[label] for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Reason:
    """What one word does for a label, in logits: positive speaks for it.

    Attributes:
        word: The word as it was written.
        gradients: Integrated gradients of its tokens, added up.
        masked: How much the logit falls when this word alone is replaced by the baseline's token.
    """

    word: str
    gradients: float
    masked: float


@dataclass(frozen=True, slots=True)
class Explained:
    """Which words speak for the most probable label.

    Attributes:
        source: The text and its tokens.
        label: The label.
        reasons: One for each word, in reading order.
        logit: The label's logit for the text.
        start: Its logit for the baseline.
        baseline: The token that replaces every word in the baseline; special tokens are kept.
        steps: Of the integral, by the midpoint rule.
    """

    source: Tokenization
    label: str
    reasons: tuple[Reason, ...]
    logit: float
    start: float
    baseline: str
    steps: int

    @property
    def error(self) -> float:
        """The completeness error: how far the gradients' sum is from what it should be, as a share of that."""
        whole = self.logit - self.start
        missing = abs(sum(reason.gradients for reason in self.reasons) - whole)
        return missing / abs(whole) if whole else float(missing > 0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that could stand at a mask, as the fill-mask pipeline gives it.

    Attributes:
        id: The token id.
        word: The token as text.
        probability: Its probability over the whole vocabulary, at this mask alone.
        sentence: The text with the word filled in.
    """

    id: int
    word: str
    probability: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Filling:
    """Several masks filled one after the other, each word with those before it in place.

    Attributes:
        method: How it was found.
        words: The words in reading order.
        order: The numbers of the masks (from 0) in the order in which they were filled.
        steps: The probability of each word when its turn came, in that order.
        sentence: The text with the words in place.
    """

    method: str
    words: tuple[str, ...]
    order: tuple[int, ...]
    steps: tuple[float, ...]
    sentence: str

    @property
    def probability(self) -> float:
        """The joint probability: the product of the steps (chain rule; another order gives another number)."""
        return math.prod(self.steps)


@dataclass(frozen=True, slots=True)
class Target:
    """A word that somebody wanted to compare at the mask.

    Attributes:
        word: The word.
        pieces: How the vocabulary spells it.
        probability: That of the whole word, over the vocabulary: for several pieces the product from left to right.
    """

    word: str
    pieces: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Unmasked:
    """The candidates for each mask of a text, in reading order, the most probable first.

    Attributes:
        source: The text and its tokens.
        masks: With several masks each is judged on its own: the probabilities are marginals, not a joint filling.
        fillings: With several masks, ways to fill them together.
        targets: Words to compare at the only mask, the most probable first.
    """

    source: Tokenization
    masks: tuple[tuple[Candidate, ...], ...]
    fillings: tuple[Filling, ...] = ()
    targets: tuple[Target, ...] = ()

    def share(self, target: Target) -> float:
        """The probability of a target among all targets."""
        return target.probability / (sum(other.probability for other in self.targets) or 1.0)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model would put at a mask if it ended after some layer.

    Attributes:
        word: The most probable token there, as text.
        probability: Its probability.
        answer: The probability there of the word that the last layer answers.
        rank: That word's place there, from 1.
    """

    word: str
    probability: float
    answer: float
    rank: int


@dataclass(frozen=True, slots=True)
class Layered:
    """An answer layer by layer: for each mask a guess from the embeddings (layer 0) and from each layer."""

    source: Tokenization
    masks: tuple[tuple[Guess, ...], ...]


def settled(guesses: tuple[Guess, ...]) -> int:
    """The first layer from which the last layer's answer stays on top."""
    earlier = [layer for layer, guess in enumerate(guesses) if guess.rank > 1]
    return earlier[-1] + 1 if earlier else 0


@dataclass(frozen=True, slots=True, eq=False)
class Norms:
    """How long the vectors are that attention passes on (Kobayashi et al. 2020, arXiv:2004.10102).

    With f(x) = (x W_V + b_V) W_O of a head, and x_j what that layer reads at token j:

    Attributes:
        heads: ‖f(x_j)‖, float32 ``(layers, heads, N)``.
        layers: ‖Σ_h A_ij f(x_j)‖, the norm after the sum over heads, float32 ``(layers, N, N)``.
    """

    heads: npt.NDArray[np.float32]
    layers: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class AttentionMap:
    """Every attention weight of one forward pass.

    Attributes:
        source: The text and its N tokens.
        weights: float16 array ``(layers, heads, N, N)``; row = the token that looks (query), column = the token
            looked at (key); each row sums to 1.
        causal: Whether a token can only look at itself and what came before it.
        norms: Those of what is passed on, or ``None`` where the model's family is not known.
    """

    source: Tokenization
    weights: npt.NDArray[np.float16]
    causal: bool = False
    norms: Norms | None = None

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return int(self.weights.shape[0])

    @property
    def heads(self) -> int:
        """How many heads each layer has."""
        return int(self.weights.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """Every step of scaled dot-product attention over small matrices, float32.

    Attributes:
        query: Q ``(N, d_k)``, what each of N positions looks for.
        key: K ``(M, d_k)``, what each of M positions offers.
        value: V ``(M, d_v)``, what each of them passes on.
        scores: QKᵀ ``(N, M)``.
        scaled: The scores divided by √d_k.
        masked: The scaled scores plus -1e9 where a key is hidden, or ``None`` without a mask.
        weights: The softmax of each row ``(N, M)``; rows sum to 1.
        output: The weights times V ``(N, d_v)``.
        seed: That of random matrices, or ``None`` for typed ones.
    """

    query: npt.NDArray[np.float32]
    key: npt.NDArray[np.float32]
    value: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    scaled: npt.NDArray[np.float32]
    masked: npt.NDArray[np.float32] | None
    weights: npt.NDArray[np.float32]
    output: npt.NDArray[np.float32]
    seed: int | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and the same facts in words.

    Attributes:
        png: The file; a GIF where `suffix` says so.
        alt: The alternative text, at most 1,024 characters.
        width: Pixels.
        height: Pixels.
        suffix: The file name's last part, ``png`` or ``gif``.
    """

    png: bytes
    alt: str
    width: int
    height: int
    suffix: str = "png"


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture as text: a header and rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
