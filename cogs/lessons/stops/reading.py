"""Stops about what models make of a text: pieces, words for a gap, a label."""

from __future__ import annotations

from cogs.cards.layouts import layout_of
from cogs.cards.markdown import code_span, word_span
from cogs.cards.view_state import ViewState
from cogs.lessons.stop import Ask, Question, Results, Stop
from core.facade import View
from core.language import ENGLISH, Language
from core.models.registry import ModelRegistry
from core.reading.comparison import measure_fertility
from core.reading.templates import is_template
from core.render import ComparisonView, FillOrContinueView, SentimentBars, TokenStrip, UnmaskBars
from core.render.kit.wording.words import count_tokens, percent
from core.results import FillOrContinue, Sentiment, Unmasked, Variants

# Pieces of words


def _two_tokenizers(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    own = models.get("tokens").name
    others = [model for model in models.for_command("tokens") if model.name != own]  # those in the box are among them
    known = (model for kind in ("decoder", "encoder") for model in others if models.kind(model) == kind)
    return (Ask("compare", text, {"model": own, "others": next(known, others[0]).name}),)


def _question_of_pieces(say: Language, _: str, results: Results) -> Question:
    first, second = results[0].sources
    here, count = (measure_fertility(source).tokens for source in (first, second))
    near = [count, here, count + count // 2 + 1, count // 2, count + 1, count + 2]
    options = sorted(list(dict.fromkeys(number for number in near if number > 0))[:4])
    other = code_span(second.model.name)
    asks = say("Into how many tokens does {model} cut the same text, without any that it adds?", model=other)
    shows = say(
        "{model} makes {count} of it, {first} makes {here}.",
        model=other,
        count=count_tokens(say, count),
        first=code_span(first.model.name),
        here=here,
    )
    return Question(asks, tuple(map(str, options)), options.index(count), shows)


PIECES = Stop(
    "pieces",
    "Pieces of words",
    "A model has a fixed vocabulary of pieces. Frequent words are one piece, rare ones are put together from several, "
    "and an emoji may be several bytes. Which pieces there are was counted in a large text once, so each model cuts in "
    "its own way.",
    plan=_two_tokenizers,
    picture=lambda results, answered: ComparisonView(results[0]) if answered else TokenStrip(results[0].source),
    question=_question_of_pieces,
    paper="Sennrich et al. 2016, arXiv:1508.07909",
    section="3.2",
    go_on="tokens compare:{other} text:{text}",
    examples={
        "en": "Unbelievable: a naïve café 🤗",
        "de": "Unglaublich: eine Donaudampfschifffahrt 🤗",
        "es": "¡Increíble! Un pingüino desayuna churros 🤗",
        "fr": "Incroyable : anticonstitutionnellement 🤗",
        "ja": "信じられない！吾輩は猫である 🤗",
    },
)


# Filling a gap, or going on


def _picture_of_gap(results: Results, answered: bool) -> View:
    found: FillOrContinue = results[0]
    return FillOrContinueView(found) if answered else UnmaskBars(found.filled)


def _question_of_gap(say: Language, _: str, results: Results) -> Question:
    found: FillOrContinue = results[0]
    masked, causal = found.filled, found.continued
    best = [word for result in (causal, masked) for word in _words(result)[:2]]
    options = sorted(dict.fromkeys([*best, *filter(None, [found.hidden])]), key=str.casefold)
    top = _words(causal)[0]
    if len(options) < 2:
        return Question(say("Here both models have the same word and no other, so here is the picture."))
    read = code_span(causal.source.text[: causal.source.tokens[-1].end].strip())
    asks = say("A GPT has read only {read}. Which word does it put first?", read=read)
    shows = say(
        "The GPT puts {word} first with {share}; the masked model, which sees both sides, {other} with {chance}.",
        word=word_span(top),
        share=percent(say, causal.masks[0][0].probability),
        other=word_span(_words(masked)[0]),
        chance=percent(say, masked.masks[0][0].probability),
    )
    return Question(asks, tuple(options), options.index(top), shows)


def _words(result: Unmasked) -> list[str]:
    return [one.word.strip() or one.word for one in result.masks[0]]


GAP = Stop(
    "gap",
    "Filling a gap, or going on",
    "BERT was trained to fill gaps: it sees what stands before a gap and behind it. A GPT was trained to go on: at the "
    "same place it knows only what came before. The picture shows what the first kind puts into the gap.",
    plan=lambda _, text: (Ask("fill_or_continue", text),),
    picture=_picture_of_gap,
    question=_question_of_gap,
    paper="Devlin et al. 2019, arXiv:1810.04805",
    section="3.1",
    go_on="unmask text:{text}",
    examples={"en": "Paris is the ___ of France."},
)


# Is it positive?


def _scored(models: ModelRegistry, text: str) -> tuple[Ask, ...]:
    model = {"model": models.get("sentiment").name}
    return (Ask("variants" if is_template(text) else "sentiment", text, model),)


def _last(result: Sentiment | Variants) -> Sentiment:
    return result.answers[-1] if isinstance(result, Variants) else result


def _picture_of_labels(results: Results, answered: bool) -> View:
    (result,) = results
    if answered:
        return layout_of(result).picture(ENGLISH, result, ViewState())
    return SentimentBars(result.answers[0]) if isinstance(result, Variants) else TokenStrip(result.source)


def _question_of_label(say: Language, _: str, results: Results) -> Question:
    found = _last(results[0])
    text = code_span(found.source.text)
    if found.problem != "single_label_classification" or len(found.scores) < 2:
        return Question(say("This model gives numbers rather than one label, so here is the picture."))
    labels = sorted(score.label for score in found.scores)[:4]
    top = found.scores[0]
    if top.label not in labels:
        labels[-1] = top.label
    close = (say("Too close to call"),) if len(found.scores) == 2 else ()
    right = len(labels) if found.uncertain else labels.index(top.label)
    asks = say("Which label does the model give {text}?", text=text)
    said = {"label": word_span(top.label), "share": percent(say, top.value)}
    if found.uncertain:
        shows = say("{label} is ahead, with no more than {share}.", **said)
    else:
        shows = say("It says {label} with {share}. If you read it otherwise, you have found what fools it.", **said)
    if isinstance(results[0], Variants):
        first = results[0].answers[0].scores[0]
        shows += " " + say(
            "In the first version it said {label} with {share}.",
            label=word_span(first.label),
            share=percent(say, first.value),
        )
    return Question(asks, (*labels, *close), right, shows)


POSITIVE = Stop(
    "positive",
    "Is it positive?",
    "A classifier reads the whole text and gives a probability to each label. It has learnt from examples, and words "
    "that are often in good reviews count much. Read the last version yourself first, then see whether the model "
    "agrees.",
    plan=_scored,
    picture=_picture_of_labels,
    question=_question_of_label,
    paper="Ribeiro et al. 2020, arXiv:2005.04118",
    section="3.1",
    go_on="sentiment text:{text}",
    examples={"en": "The film was {good|not good|anything but good}."},
)
