"""What a picture does not say: one sentence with its paper under each."""

from __future__ import annotations

from core.results import AttentionMap

NOT_AN_EXPLANATION = (
    "A bright cell is not the reason for an answer: very different attention can give the same prediction (Jain & "
    "Wallace 2019, arXiv:1902.10186)."
)
NOISY = (
    "Removing what gets much attention often changes little: a weight is a rough guide to importance (Serrano & "
    "Smith 2019, arXiv:1906.03731)."
)
SEPARATORS = (
    "Heads with nothing to do park their attention on [SEP], [CLS] and punctuation (Clark et al. 2019, "
    "arXiv:1906.04341)."
)
SINK = (
    "The first token soaks up attention whatever it says: a sink, not a meaning (Xiao et al. 2023, arXiv:2309.17453)."
)
SMALL_VECTORS = (
    "A large weight on a small vector moves little; in BERT, [SEP] often has one (Kobayashi et al. 2020, "
    "arXiv:2004.10102)."
)
RESIDUAL = (
    "What a token keeps of itself past the attention usually outweighs all that is mixed in (Kobayashi et al. 2021, "
    "arXiv:2109.07152)."
)
MIXED = (
    "In the upper layers a position no longer stands for its word alone: it mixes many (Brunner et al. 2020, "
    "arXiv:1908.04211)."
)
SPECIALISTS = (
    "An average hides the few heads that matter: most can be removed with little loss (Michel et al. 2019, "
    "arXiv:1905.10650)."
)
PATTERNS = (
    "The same few patterns come back whatever the text says: look at another sentence before telling a story "
    "(Kovaleva et al. 2019, arXiv:1908.08593)."
)
PLAUSIBLE = (
    "That a picture looks sensible to us is no evidence about the model (Jacovi & Goldberg 2020, arXiv:2004.03685)."
)
ROLLOUT = (
    "Rollout supposes equal heads and half of each layer passed on unchanged, and ignores the rest of the layer "
    "(Abnar & Zuidema 2020, arXiv:2005.00928)."
)
GIVEN = (
    "In a model Q, K and V are not given: three learned matrices make them from the tokens, anew in every head "
    "(Vaswani et al. 2017, arXiv:1706.03762)."
)
CALIBRATION = (
    "A high probability is not a promise: such models are surer than they are right (Guo et al. 2017, "
    "arXiv:1706.04599)."
)
NO_NEUTRAL = (
    "The model has no neutral label: a plain fact is pushed to one side, with confidence (Guo et al. 2017, "
    "arXiv:1706.04599)."
)
ON_THEIR_OWN = "Each label is judged on its own: the probabilities need not add up to 100%."
NUMBERS = "A number is what the model computes, on the scale of what it was trained with: it is no probability."
LENS = (
    "Middle layers are read with the last layer's dictionary: an odd word there need not be an error (Belrose et al. "
    "2023, arXiv:2303.08112)."
)
WHOLE_WORDS = (
    "A word of several pieces is scored piece by piece from left to right, with as many masks (Kauf & Ivanova 2023, "
    "arXiv:2305.10588); the longer it is, the less probable."
)
SALIENCY = (
    "Such scores depend on the baseline, and methods disagree: they are a hint, not the reason (Adebayo et al. 2018, "
    "arXiv:1810.03292)."
)
BIAS = (
    "A name or a country that moves the answer is a bias of the model, not a fact about the world (Kiritchenko & "
    "Mohammad 2018, arXiv:1805.04508)."
)
MARGINALS = (
    "The bars judge each mask on its own and fill it with one vocabulary entry: no joint probability of the sentence "
    "(Salazar et al. 2020, arXiv:1910.14659)."
)
LEFT_TO_RIGHT = (
    "Such a model only goes on with a text: it never sees what stands behind the gap, and finds one vocabulary entry, "
    "not always a whole word (Radford et al. 2019, “Language Models are Unsupervised Multitask Learners”)."
)
CHAIN = (
    "A word of several pieces has the product of their probabilities, each with those before it in place; the longer "
    "it is, the less probable."
)
NO_ALIGNMENT = (
    "Looking at a word is not translating it: attention is often one word off, or rests on the end (Koehn & Knowles "
    "2017, arXiv:1706.03872)."
)
ONE_PAIR = (
    "One pair of texts shows that something changes, not why: change the word in other sentences, too (Gardner et al. "
    "2020, arXiv:2004.02709)."
)

_ONE_HEAD = (NOISY, PATTERNS, SMALL_VECTORS, PLAUSIBLE)


def for_head(attention: AttentionMap, layer: int, head: int | None) -> str:
    """Choose the caution for one head, or for a layer's mean: always the same for the same view."""
    if head is None:
        return SPECIALISTS
    if attention.rows and not attention.signed:
        return NO_ALIGNMENT
    resting = SINK if attention.causal else SEPARATORS
    choices = (NOT_AN_EXPLANATION, resting, *_ONE_HEAD, *((MIXED,) if layer else ()))
    if not attention.is_self_attention:
        choices = (for_all(attention), NOT_AN_EXPLANATION, NOISY, PLAUSIBLE)
    return choices[(layer + head) % len(choices)]


def for_norms(attention: AttentionMap, head: int | None) -> str:
    """The caution for one head, or for a whole layer, weighed by norms."""
    if attention.rows:
        return NO_ALIGNMENT
    return RESIDUAL if head is None else SMALL_VECTORS


def for_all(attention: AttentionMap) -> str:
    """The caution for all heads side by side."""
    return ONE_PAIR if attention.signed else NO_ALIGNMENT if attention.rows else PATTERNS
