"""Stops about what a Transformer has around attention: positions, and the block."""

from __future__ import annotations

from cogs.cards.markdown import code_span, word_span
from cogs.lessons.stop import Ask, Question, Results, Stop, model_of
from cogs.lessons.stops.words import VASWANI, one_text
from core.facade import View
from core.lab import BLOCK, parse_exercise
from core.language import Language
from core.maps.word_links import written_word
from core.models.registry import ModelRegistry
from core.render import MovesView, PositionsView, lab_view
from core.render.kit.wording.words import decimal
from core.results import BlockMoves, Positions

LEARNED = "bundled/minilm"
"""A model that adds a vector to each position, for where the host's own has nothing of the kind."""

NEAR, FAR = 1, 32
"""Positions so far apart are compared."""

ALIKE = 0.05
"""Cosines that differ by less are called the same."""

SAME = 0.1
"""Parts that add the same but for this share of it are called alike."""

ROWS = 3
"""Words of the text that the small numbers are named after."""


def _computed_and_learned(models: ModelRegistry, _: str) -> tuple[Ask, ...]:
    model = model_of(models, "attention", "encoder", "")
    return Ask("lab", parse_exercise(show="encodings")), Ask("positions", None, {"model": model}, LEARNED)


def _question_of_positions(say: Language, _: str, results: Results) -> Question:
    found: Positions = results[1]
    far = min(FAR, len(found.vectors) - 1)
    near_cosine, far_cosine = found.alike(NEAR), found.alike(far)
    right = 1 if abs(near_cosine - far_cosine) < ALIKE else 2 if near_cosine > far_cosine else 0
    asks = say(
        "{model} has such a vector for each place, too. Which of them are more alike?",
        model=code_span(found.model.name),
    )
    options = (say("Those far apart"), say("No difference"), say("Those of neighbours"))
    shows = say(
        "Their cosine is {near} for neighbours and {far} for places {distance} apart; 1 would be the same.",
        near=decimal(say, near_cosine),
        far=decimal(say, far_cosine),
        distance=far,
    )
    return Question(asks, options, right, shows)


POSITIONS = Stop(
    "positions",
    "Where am I?",
    "Attention by itself does not know in which order words stand: shuffle them, and every word gets the same as "
    "before. So something about its place is added to each word. The picture shows one way that needs no learning, "
    "sines and cosines of several wavelengths; other models learn a vector for each place.",
    plan=_computed_and_learned,
    picture=lambda results, answered: PositionsView(results[1]) if answered else lab_view(results[0]),
    question=_question_of_positions,
    paper=VASWANI,
    section="3.5",
    go_on="lab positions:sinusoidal show:encodings",
)


def _small_and_real(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    model = model_of(models, "attention", "encoder", "decoder", "")
    moves = Ask("moves", one_text(text), {"model": model}, LEARNED)
    names = " ".join(text.replace(";", " ").split()[:ROWS])
    return Ask("lab", parse_exercise(show=BLOCK, names=names)), moves


def _longest_word(found: BlockMoves) -> int:
    """The position of the word that is followed: the longest one."""
    return max(found.source.words, key=lambda places: len(found.source.written(places)), default=(0,))[0]


def _picture_of_block(results: Results, answered: bool) -> View:
    return MovesView(results[1], _longest_word(results[1])) if answered else lab_view(results[0])


def _question_of_block(say: Language, _: str, results: Results) -> Question:
    found: BlockMoves = results[1]
    position = _longest_word(found)
    word = word_span(written_word(found.source, position) or found.source.tokens[position].piece)
    attention, fed = found.shares[:, :, position].mean(axis=0).tolist()
    right = 2 if abs(attention - fed) < SAME * max(attention, fed) else int(fed > attention)
    asks = say("Now {word} in a real model, over all its layers: which part adds more to it?", word=word)
    options = (say("attention"), say("feed-forward"), say("Both about the same"))
    shows = say(
        "On average over the layers, attention adds {attention} times the length of what stood there, feed-forward "
        "{fed} times.",
        attention=decimal(say, attention),
        fed=decimal(say, fed),
    )
    return Question(asks, options, right, shows)


TRANSFORMER_BLOCK = Stop(
    "block",
    "The block",
    "A layer of a Transformer is a block of two parts: attention between the words, then a small feed-forward network "
    "for each word by itself. What a part finds is added to what stood there, and the sum is normed. The picture works "
    "one block out over small numbers.",
    plan=_small_and_real,
    picture=_picture_of_block,
    question=_question_of_block,
    paper=VASWANI,
    section="3.1",
    go_on="lab show:block",
    examples={"en": "The animal didn't cross the street because it was too tired."},
)
