"""What a picture does not say: of these sentences the one that fits it best stands at its foot, with its source."""

from __future__ import annotations

from core.results import AttentionMap

NOT_AN_EXPLANATION = "Much attention is not “the reason”: other weights can give the same answer (arXiv:1902.10186)."
SEPARATORS = "Heads with nothing to do rest on tokens such as [SEP] and on punctuation (arXiv:1906.04341)."
SINK = "Reads left to right only; the first token soaks up attention whatever it says (arXiv:2309.17453)."
SMALL_VECTORS = "A large weight on a small vector moves little (arXiv:2004.10102)."
LEFT_VECTORS = "Reads left to right only; a large weight on a small vector moves little (arXiv:2004.10102)."
RESIDUAL = "What a token keeps of itself usually outweighs all that is mixed in (arXiv:2109.07152)."
MIXED = "In upper layers a position mixes many words, not only its own (arXiv:1908.04211)."
SPECIALISTS = "A mean hides the few heads that matter (arXiv:1905.10650)."
PATTERNS = "The same few patterns come back whatever the text says: try another (arXiv:1908.08593)."
ROLLOUT = "Supposes equal heads, and half of each layer passed on unchanged (arXiv:2005.00928)."
GIVEN = "In a model three learned matrices make Q, K and V from the tokens (arXiv:1706.03762)."
DIMENSIONS = "A dimension has no meaning of its own: queries and keys that are turned alike give the same sums."
ADDED = "In a Transformer P is added once, to the embeddings of which Q, K and V are made (arXiv:1706.03762)."
TURNED = "Turned so, a product of q and k depends on how far apart they stand, not on where (arXiv:2104.09864)."
SATURATED = "Where a softmax is saturated next to nothing flows back to learn from (arXiv:1706.03762)."
POSITIONS = "Alike is not looked at: what heads make of positions shows in their weights (arXiv:2010.04903)."
COMPUTED = "Such products depend on how far apart two positions are, not on where they are (arXiv:1706.03762)."
MOVES = "A long way need not matter for the answer: that shows where a part is switched off (arXiv:1905.10650)."
LOOKED_BACK = "It learned to look back: one that learned with one vector copes until texts get long (arXiv:1409.0473)."
CALIBRATION = "A high probability is no promise: models are surer than they are right (arXiv:1706.04599)."
NO_NEUTRAL = "There is no neutral label: a plain fact, too, is pushed to one side."
ON_THEIR_OWN = "Each label is judged on its own: they need not add up to 100%."
NUMBERS = "A number on the scale that the model was trained with: no probability."
LENS = "Middle layers are read with the last one's dictionary: odd words are no errors (arXiv:2303.08112)."
STAND_IN = "A head that others can stand in for looks unimportant: off together they may matter (arXiv:2307.15771)."
PATCHED = "How much comes back depends on the pair of texts and on the measure: try others (arXiv:2309.16042)."
WHOLE_WORDS = "Words of several pieces are scored piece by piece: longer ones get less (arXiv:2305.10588)."
SALIENCY = "Methods disagree: a hint, not the reason (arXiv:1810.03292)."
BIAS = "Where a word that should not matter moves the answer, the model has a bias (arXiv:1805.04508)."
MARGINALS = "Bars judge each mask on its own: their top words need not fit together (arXiv:1910.14659)."
ONE_ENTRY = "Only what is one entry of the vocabulary can stand here, not every word."
UNEXPECTED = "Unexpected is not wrong: rare words and names light up, too; other vocabularies give other bits."
GOES_ON = "Reads left to right only: each word is guessed from those before it."
LEFT_TO_RIGHT = "Reads left to right only: it never sees what stands behind the gap."
CHAIN = "Reads left to right only: the pieces of a word are multiplied, and longer words get less."
OWN_LABELS = "Each learnt its labels from texts of its own: one word need not mean the same to both."
VOCABULARIES = "Each spreads 100% over its own vocabulary: compare the order, not single numbers (arXiv:2305.10588)."
HEADS_APART = "Heads of two models share a number, no more: which correspond is to be found out (arXiv:1511.07543)."
PROBABLE = "Probable is not true: it writes what often follows such words, errors included (arXiv:2109.07958)."
LENGTH = "More tokens for the same text: less of it fits, and each costs time (arXiv:2305.15425)."
NO_ALIGNMENT = "Looking at a word is not translating it: it is often one word off (arXiv:1706.03872)."
ONE_PAIR = "One pair of texts shows that something changes, not why: try others (arXiv:2004.02709)."


def for_head(attention: AttentionMap, layer: int, head: int | None) -> str:
    """Choose the caution for one head, or for a layer's mean: what is most easily misread there."""
    if not attention.is_self_attention or attention.causal:
        return for_all(attention)
    if head is None:
        return SPECIALISTS
    if _rests(attention, layer, head):
        return SEPARATORS
    return MIXED if 2 * layer >= attention.layers else NOT_AN_EXPLANATION


def for_norms(attention: AttentionMap, head: int | None) -> str:
    """The caution for one head, or for a whole layer, weighed by norms."""
    if attention.rows:
        return NO_ALIGNMENT
    if attention.causal:
        return LEFT_VECTORS
    return RESIDUAL if head is None else SMALL_VECTORS


def for_all(attention: AttentionMap) -> str:
    """The caution for all heads side by side."""
    if attention.signed:
        return ONE_PAIR
    return NO_ALIGNMENT if attention.rows else SINK if attention.causal else PATTERNS


def _rests(attention: AttentionMap, layer: int, head: int) -> bool:
    """Whether most of what ordinary tokens look at in a head are tokens that the tokenizer added."""
    special = [token.special for token in attention.source.tokens]
    if all(special) or not any(special):
        return False
    looks = attention.weights[layer, head].astype("float32")[[not one for one in special]]
    return float(looks[:, special].sum(axis=1).mean()) > 0.5
