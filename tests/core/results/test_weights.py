"""Attention weights from anywhere: what is read as it is meant, and what is refused."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from transformers import AutoModel, AutoTokenizer

from core.errors import BadInput
from core.render import HeadView
from core.results import AttentionMap
from tests.core.render.golden import samples

WORDS = ["[CLS]", "Trans", "##former", "models", "[UNK]", "[SEP]"]


def weights(*shape: int) -> np.ndarray[Any, Any]:
    raw = np.random.default_rng(1).random(shape) + 0.1
    return raw / raw.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def asked(models: Path) -> tuple[Any, list[str]]:
    folder = models / "bert-masked-lm"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    read = tokenizer("The cat sat.", return_tensors="pt")
    with torch.inference_mode():
        outputs = model(**read, output_attentions=True)
    return outputs, tokenizer.convert_ids_to_tokens(read["input_ids"][0])


def test_what_a_transformers_model_returns_is_a_map(asked: tuple[Any, list[str]]) -> None:
    outputs, tokens = asked
    for given_ in (outputs, outputs.attentions, list(outputs.attentions), torch.stack(outputs.attentions)):
        found = AttentionMap.of(given_, tokens)
        expected = torch.cat(outputs.attentions).numpy()
        np.testing.assert_allclose(found.to_numpy(), expected, atol=1e-3)
        assert [token.piece for token in found.source.tokens] == tokens
        assert not found.causal


def test_half_precision_and_gradients_are_no_obstacle() -> None:
    given_ = torch.tensor(weights(2, 3, 4, 4)).bfloat16().requires_grad_()
    assert AttentionMap.of(given_, list("abcd")).weights.shape == (2, 3, 4, 4)
    assert AttentionMap.of([given_[0, 0], given_[0, 1]]).weights.shape == (1, 2, 4, 4)


def test_what_generate_returns_is_refused_in_a_sentence() -> None:
    steps = tuple((torch.tensor(weights(1, 2, 1, n)).requires_grad_(),) * 2 for n in (3, 4))
    with pytest.raises(BadInput, match="Those are no weights"):
        AttentionMap.of(steps)


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        ((6, 6), (1, 1, 6, 6)),
        ((2, 6, 6), (1, 2, 6, 6)),
        ((3, 2, 6, 6), (3, 2, 6, 6)),
        ((3, 1, 2, 6, 6), (3, 2, 6, 6)),
    ],
)
def test_shapes(shape: tuple[int, ...], read: tuple[int, ...]) -> None:
    assert AttentionMap.of(weights(*shape), WORDS).weights.shape == read


def test_pieces_become_words_again() -> None:
    source = AttentionMap.of(weights(6, 6), WORDS).source
    assert source.text == "Transformer models [UNK]"
    assert [source.written(word) for word in source.words] == ["Transformer", "models", "[UNK]"]
    assert [token.special for token in source.tokens] == [True, False, False, False, False, True]
    assert [token.unknown for token in source.tokens] == [False, False, False, False, True, False]
    spaced = AttentionMap.of(weights(4, 4), ["<s>", "Hello", "Ġwor", "ld"]).source
    assert spaced.text == "Hello world" and [spaced.written(word) for word in spaced.words] == ["Hello", "world"]
    assert [token.piece for token in AttentionMap.of(weights(3, 3)).source.tokens] == ["1", "2", "3"]


def test_equal_pieces_are_equal_tokens_and_others_are_not() -> None:
    the, cat, again = AttentionMap.of(weights(3, 3), ["the", "cat", "the"]).source.tokens
    assert the.id == again.id != cat.id


def test_causal_maps_are_known_by_their_triangle() -> None:
    causal = np.tril(weights(2, 2, 5, 5))
    causal /= causal.sum(axis=-1, keepdims=True)
    assert AttentionMap.of(causal).causal
    assert not AttentionMap.of(weights(5, 5)).causal


def test_other_tokens_may_look() -> None:
    found = AttentionMap.of(weights(2, 2, 3, 4), list("abcd"), rows=["x", "y", "z"])
    assert [token.piece for token in found.queries.tokens] == ["x", "y", "z"]
    assert "Cross-attention" in HeadView(found, 1, 1).draw().alt
    assert [token.piece for token in AttentionMap.of(weights(3, 4), list("abcd")).queries.tokens] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("attentions", "tokens", "reason"),
    [
        (weights(3, 3) * 2, None, "Row 1 of layer 1, head 1 sums to 2.00"),
        (weights(3, 3).T, None, "and not to 1"),
        (weights(3, 3) - 1, None, "negative: give those after the softmax"),
        ([[np.nan, 1]], None, "infinite or no numbers"),
        (weights(3, 2, 2, 4, 4), None, "of 2 texts: give those of one"),
        (tuple(weights(3, 2, 2, 4, 4)), None, "of 2 texts: give those of one"),
        ((weights(1, 2, 4, 4), weights(1, 2, 3, 3)), None, "different shapes"),
        (weights(4), None, "shape 4 cannot be read"),
        (np.zeros((0, 0)), None, "cannot be read"),
        ((), None, "output_attentions=True"),
        ((None, None), None, "output_attentions=True"),
        (None, None, "output_attentions=True"),
        ("the cat", None, "Those are no weights"),
        (object(), None, "Those are no weights"),
        (weights(3, 3), ["a", "b"], "3 × 3, and there are 2 tokens"),
    ],
)
def test_refused_with_the_reason(attentions: Any, tokens: list[str] | None, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        AttentionMap.of(attentions, tokens)


def test_a_model_that_was_not_asked_for_weights_is_told_how(models: Path) -> None:
    outputs = AutoModel.from_pretrained(models / "bert-masked-lm")(torch.tensor([[1, 2, 3]]))
    with pytest.raises(BadInput, match="output_attentions=True"):
        AttentionMap.of(outputs, list("abc"))


@given(
    arrays.arrays(np.float32, st.tuples(*[st.integers(1, 4)] * 4), elements=st.floats(0.125, 1, width=32)),
    st.data(),
)
def test_whatever_is_saved_is_loaded(raw: Any, data: st.DataObject) -> None:
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
    tokens, rows = (data.draw(st.lists(texts, min_size=n, max_size=n)) for n in (raw.shape[3], raw.shape[2]))
    made = AttentionMap.of(raw / raw.sum(axis=-1, keepdims=True), tokens, rows=rows)
    same_when_loaded(made)


MAPS = (samples.attention(samples.SCRIPTS, causal=True), samples.cross(), samples.difference())


@pytest.mark.parametrize("made", MAPS)
def test_a_map_of_the_core_is_loaded_as_it_was(made: AttentionMap) -> None:
    same_when_loaded(made)


def same_when_loaded(made: AttentionMap) -> None:
    with TemporaryDirectory() as folder:
        found = AttentionMap.load(made.save(Path(folder) / "map.npz"))
    assert np.array_equal(found.weights, made.weights)
    assert (found.causal, found.signed) == (made.causal, made.signed)
    assert found.source.tokens == made.source.tokens and found.source.text == made.source.text
    assert found.queries.tokens == made.queries.tokens
    assert HeadView(found, 1, 1).draw().png == HeadView(made, 1, 1).draw().png


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"hello", b"\x80\x04K\x01."])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(BadInput, match="holds no attention map"):
        AttentionMap.load(tmp_path / "x.npz")


def test_a_pickle_inside_is_never_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", weights=np.ones((1, 1, 1, 1)), tokens=np.array([{}], dtype=object))
    with pytest.raises(BadInput, match="holds no attention map"):
        AttentionMap.load(tmp_path / "x.npz")
