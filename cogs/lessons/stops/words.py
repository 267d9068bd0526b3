"""What stops about the words of a sentence share: which link they are about, and the words to guess between."""

from __future__ import annotations

from cogs.cards.attention_views import picture_of
from cogs.cards.view_state import ViewState
from cogs.lessons.stop import Question
from core.errors import BadInput
from core.facade import View
from core.language import Language
from core.maps.difference import split_versions
from core.maps.requests import is_pair
from core.maps.word_links import WordLink, link_worth_seeing, looked_at, strongest_link, written_word
from core.results import AttentionMap

VASWANI = "Vaswani et al. 2017, arXiv:1706.03762"

OPTIONS = 4
"""Words to choose from."""


def one_text(text: str) -> str:
    """A text, if it is one.

    Raises:
        BadInput: It is two, read as a pair or compared.
    """
    if is_pair(text) or len(split_versions(text)) > 1:
        raise BadInput("This is about one sentence: leave out `[SEP]` and `[VS]`.")
    return text


def few_words(say: Language) -> Question:
    """What is said where a sentence leaves nothing to predict."""
    return Question(say("This sentence has too few words to guess between, so here is the picture. Try a longer one."))


def word_question(say: Language, asks: str, attention: AttentionMap, link: WordLink, shows: str) -> Question:
    """Which word is looked at most in a head: some words in the order of the text, that one among them."""
    chosen: dict[str, int] = {}
    places = [place for place, _ in looked_at(attention, link.layer, link.head, link.query)]
    for place in [*places[: OPTIONS - 1], *sorted(places)[:1], *places]:  # the first word is what many would say
        word = written_word(attention.source, place)
        if word.casefold() not in map(str.casefold, chosen) and len(chosen) < OPTIONS:
            chosen[word] = place
    if len(chosen) < 2:
        return few_words(say)
    top = next(iter(chosen))
    options = tuple(sorted(chosen, key=lambda word: chosen[word]))
    return Question(asks, options, options.index(top), shows)


def worth_asking(attention: AttentionMap) -> WordLink | None:
    """The link that stands out, or else the strongest one from a word to another; none between fewer than two words."""
    if link := link_worth_seeing(attention):
        return link
    links = (strongest_link(attention, places[0]) for places in attention.queries.words)
    return max(filter(None, links), key=lambda link: link.weight, default=None)


def seen(attention: AttentionMap, kind: str, link: WordLink | None) -> View:
    """A picture of the word of a link, in its head; of the first word where there is no link."""
    link = link or WordLink(0, 0, attention.queries.first_word, 0, 0.0)
    return picture_of(attention, ViewState(kind, link.layer, link.head, link.query))
