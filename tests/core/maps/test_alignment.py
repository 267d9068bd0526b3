"""Which head of cross-attention aligns what is written with what was read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.cards.view_state import ViewState
from core import Core, CoreSettings
from core.maps.alignment import alignment
from core.maps.tour import choose_heads
from core.results import AttentionMap, ModelInfo, Token, Tokenization

CLS, SEP = Token(1, "[CLS]", 0, 0, special=True), Token(2, "[SEP]", 0, 0, special=True)
ORDER = [4, 1, 3, 2]  # where the counterparts of four written words stand


def words(count: int) -> tuple[Token, ...]:
    return tuple(Token(10 + n, f"w{n}", 3 * n, 3 * n + 2, word=n) for n in range(count))


READ, WRITTEN = (CLS, *words(4), SEP), (*words(4), SEP)


def head(*looks: int, sharpness: float = 1.0) -> np.ndarray:
    """Rows that look at one column each, and with the rest of their attention everywhere."""
    return sharpness * np.eye(6)[list(looks)] + (1 - sharpness) / 6


def score(weights: np.ndarray) -> float:
    return float(alignment(weights, WRITTEN, READ))


def test_each_word_that_looks_at_its_own_counterpart_aligns_in_any_order() -> None:
    assert score(head(*ORDER, 5)) == score(head(1, 2, 3, 4, 0)) == 1
    assert score(head(*ORDER, 5, sharpness=0.6)) == pytest.approx(0.6 + 0.4 / 6)


def test_staring_at_one_word_and_looking_everywhere_is_no_alignment() -> None:
    assert score(head(2, 2, 2, 2, 5)) == 0.25
    assert score(head(*ORDER, 5, sharpness=0)) == pytest.approx(4 / 6 / 4)
    assert score(head(0, 0, 5, 5, 5)) == 0


def test_one_word_off_does_not_count_however_sharp() -> None:
    late = head(0, *ORDER)  # each row looks at the counterpart of the word before, and the end at the last one's
    assert score(late) == 0
    weights = np.stack([late, head(*ORDER, 5, sharpness=0.5)])[None].astype(np.float16)
    rows = Tokenization("", ModelInfo("m"), WRITTEN)
    (found,) = choose_heads(AttentionMap(Tokenization("", ModelInfo("m"), READ), weights, rows=rows))
    assert (found.layer, found.head, found.name) == (0, 1, "aligned")


@given(st.integers(0, 2**32 - 1))
def test_it_is_a_share_whatever_the_weights_and_the_order_of_what_is_read(seed: int) -> None:
    generator = np.random.default_rng(seed)
    weights = generator.dirichlet(np.full(6, 0.3), (2, 3, 5))
    order = generator.permutation(6)
    found = alignment(weights, WRITTEN, READ)
    assert found.shape == (2, 3) and (found >= 0).all() and (found <= 1).all()
    assert alignment(weights[..., order], WRITTEN, tuple(READ[n] for n in order)) == pytest.approx(found)


def test_without_words_there_is_nothing_to_align() -> None:
    assert alignment(np.full((1, 1, 2, 3), 1 / 3), (SEP, SEP), READ[:3]).tolist() == [[0]]
    assert alignment(np.full((1, 1, 2, 2), 0.5), words(2), (CLS, SEP)).tolist() == [[0]]


@pytest.mark.parametrize(
    "text", ["I love transformers because attention is easy to see", "the cat sat on the mat", "one two three"]
)
async def test_the_reverser_opens_on_the_head_that_looks_most_at_the_word_that_it_says(text: str) -> None:
    async with Core.open(CoreSettings.bundled()) as core:
        found = await core.attention(text, model="bundled/reverser")
    rows = [n for n, token in enumerate(found.queries.tokens) if not token.special]
    columns = [n for n, token in enumerate(found.source.tokens) if not token.special][::-1]
    right = found.weights[:, :, rows, columns].astype(float).mean(axis=-1)
    state = ViewState.initial(found)
    assert (state.layer, state.head) == divmod(int(right.argmax()), found.heads)
