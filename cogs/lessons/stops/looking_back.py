"""The first stop: one vector for a whole sentence, against looking back at each word."""

from __future__ import annotations

from dataclasses import replace

from cogs.lessons.stop import Ask, Question, Results, Stop
from cogs.lessons.stops.words import few_words
from core.facade import View
from core.language import Language
from core.render import BottleneckView
from core.render.kit.wording.words import percent
from core.results import Bottleneck

MOST, FEW = 0.75, 0.25
"""Shares of words from which it is most of them, and below which it is few."""


def _picture(results: Results, answered: bool) -> View:
    found: Bottleneck = results[0]
    return BottleneckView(found if answered else replace(found, rows=found.rows[:1]))


def _question(say: Language, _: str, results: Results) -> Question:
    found: Bottleneck = results[0]
    row = found.rows[-1]
    if len(found.rows) < 2:
        return few_words(say)
    asks = say("Now all {count} words: how many come right through one vector?", count=row.words)
    options = (say("Nearly all"), say("About half"), say("Few or none"))
    right = 0 if row.one.right >= MOST else 1 if row.one.right >= FEW else 2
    shows = say(
        "Through one vector {one} of {count} words come right, looking back {whole}, with the looking back cut "
        "off {cut}.",
        count=row.words,
        one=percent(say, row.one.right),
        whole=percent(say, row.whole.right),
        cut=percent(say, row.cut.right),
    )
    return Question(asks, options, right, shows)


BOTTLENECK = Stop(
    "bottleneck",
    "The bottleneck",
    "Early neural translators squeezed a sentence into one vector, and a decoder wrote from that alone. With attention "
    "it looks back at every word while it writes. Here a small model writes a sentence backwards in both ways: the "
    "picture is of its first two words.",
    plan=lambda _, text: (Ask("bottleneck", text),),
    picture=_picture,
    question=_question,
    paper="Bahdanau et al. 2015, arXiv:1409.0473",
    section="3",
    go_on="attention model:bundled/reverser text:{text}",
    examples={"en": "we walked to the old house near the river and had some tea"},
)
