"""The lab: matrices as people type them, and attention worked out by hand."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.attention import multi_head_attention, scaled_dot_product_attention
from core.errors import BadInput
from core.lab import GREATEST, LARGEST, parse_exercise
from core.language import ENGLISH
from core.render import EncodingsView, LabView, lab_view
from core.render.lab.sentences import notes
from core.results import WorkedExercise
from core.tasks.lab import LabTask

NUMBERS = st.floats(-GREATEST, GREATEST, width=32)
SIDES = st.integers(1, LARGEST)


SMALLEST_NORMAL = float(np.finfo(np.float32).tiny)
"""Below it a float32 loses its relative precision."""


def matrices(rows: int, columns: int) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(np.float32, (rows, columns), elements=NUMBERS)


def typed(matrix: np.ndarray, comma: str = " ", semicolon: str = "; ") -> str:
    return semicolon.join(comma.join(map(str, row)) for row in matrix.tolist())


def work(**options) -> WorkedExercise:
    (worked,) = LabTask("", "cpu").run([parse_exercise(**options)])
    return worked


def test_the_example_is_the_one_of_the_documentation():
    worked = work()
    assert str(worked.weights) == (
        "[[0.3017341  0.30983964 0.3884262 ]\n [0.2450955  0.3801395  0.37476498]\n [0.29378855 0.2293217  0.4768897 ]]"
    )
    assert worked.seed == 42
    assert work(shape="3x4", seed=42).weights.tolist() == worked.weights.tolist()
    assert work(seed=43).weights.tolist() != worked.weights.tolist()


def test_numbers_too_small_for_full_precision_are_worked_out():
    worked = work(query="1 1", key="1e-45 1e-45", value="0")
    np.testing.assert_allclose(worked.scaled, worked.scores / np.sqrt(2), atol=SMALLEST_NORMAL)
    assert worked.weights.tolist() == [[1.0]]


@settings(max_examples=50, deadline=None)
@given(st.data(), SIDES, SIDES, SIDES, SIDES)
def test_every_step_follows_from_the_one_before(data, count, keys, depth, width):
    query, key, value = (data.draw(matrices(*shape)) for shape in ((count, depth), (keys, depth), (keys, width)))
    mask = data.draw(arrays.arrays(np.int8, (count, keys), elements=st.integers(0, 1)))
    worked = work(query=typed(query), key=typed(key, ","), value=typed(value, ", ", "\n"), mask=typed(mask))
    assert worked.query.tolist() == query.tolist() and worked.value.tolist() == value.tolist()
    np.testing.assert_allclose(worked.scores, query @ key.T, rtol=1e-3, atol=1)
    np.testing.assert_allclose(worked.scaled, worked.scores / np.sqrt(depth), rtol=1e-5, atol=SMALLEST_NORMAL)
    assert ((worked.masked < -1e8) == (mask == 1)).all()
    softmax = torch.tensor(worked.masked).softmax(dim=-1).numpy()
    np.testing.assert_allclose(worked.weights, softmax, atol=1e-5)
    np.testing.assert_allclose(worked.weights.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(worked.output, worked.weights @ value, rtol=1e-3, atol=1e-1)
    drawing = LabView(worked).draw()
    assert 0 < len(drawing.alt) <= 1024 and drawing.png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "text", ["1 0; 0 1", "1,0;0,1", "[[1, 0], [0, 1]]", "[[1 0]\n [0 1]]", " 1 0 ;\n0 1; ", "1 −0;0 1"]
)
def test_a_matrix_may_be_written_in_several_ways(text):
    assert work(query=text).query.tolist() == [[1, 0], [0, 1]]


def test_what_is_left_out_is_as_in_self_attention():
    worked = work(query="1 2; 3 4")
    assert worked.key.tolist() == worked.value.tolist() == worked.query.tolist()
    assert work(query="1 2", key="3 4; 5 6").value.tolist() == [[3, 4], [5, 6]]


def test_a_causal_mask_hides_what_comes_after():
    worked = work(mask="Causal", shape="4 2")
    assert (np.triu(worked.weights, k=1) == 0).all()
    assert worked.weights[0, 0] == 1
    assert work(mask="none").masked is None
    query = torch.tensor(worked.query)
    shown = scaled_dot_product_attention(query[:2], torch.tensor(worked.key[:2]), torch.tensor(worked.value[:2]))[1]
    np.testing.assert_allclose(worked.weights[1, :2], shown[1], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"query": "1 x"}, "query has something in it that is not a number"),
        ({"query": "1 0; 1"}, "rows of the query have different lengths"),
        ({"query": "[]"}, "query is empty"),
        ({"query": "nan"}, "too large"),
        ({"query": "1e9"}, "too large"),
        ({"query": "1 2 3 4 5 6 7 8 9"}, "larger than 8 × 8"),
        ({"query": ";".join("123456789")}, "larger than 8 × 8"),
        ({"query": "1 2", "key": "1"}, "2 columns and the key 1"),
        ({"query": "1", "key": "1;2", "value": "1"}, "2 rows and the value 1"),
        ({"key": "1"}, "needs a query"),
        ({"value": "1"}, "needs a query"),
        ({"query": "1", "seed": 1}, "are for random matrices"),
        ({"query": "1", "shape": "1 1"}, "are for random matrices"),
        ({"shape": "3"}, "shape cannot be read"),
        ({"shape": "9 1"}, "from 1 × 1 to 8 × 8"),
        ({"shape": "0 1"}, "from 1 × 1 to 8 × 8"),
        ({"seed": -1}, "A seed goes from 0"),
        ({"mask": "1 0"}, "mask is 1 × 2 and the scores are 3 × 3"),
        ({"mask": "0 2; 0 0", "shape": "2 2"}, "neither 0 nor 1"),
        ({"mask": "casual"}, "mask has something in it that is not a number"),
        ({"query": "1", "key": "1;2", "mask": "causal"}, "as many queries as keys"),
        ({"query": "1", "key": "1;2", "mask": "local:1"}, "as many queries as keys"),
        ({"mask": "local"}, "mask has something in it"),
        ({"kind": "cosine"}, "choose one of scaled, dot, additive, general"),
        ({"against": "x"}, "no such choice of `against`"),
        ({"positions": "learned"}, "choose one of none, sinusoidal, rotary"),
        ({"show": "all"}, "choose one of block, encodings"),
        ({"scale": "half"}, "scale cannot be read"),
        ({"scale": "nan"}, "scale cannot be read"),
        ({"scale": "1e9"}, "scale cannot be read"),
        ({"heads": 3}, "4 columns cannot be split into 3 heads"),
        ({"heads": 0}, "cannot be split into 0 heads"),
        ({"heads": 2, "query": "1 2", "value": "1"}, "1 columns cannot be split into 2 heads"),
        ({"heads": 2, "kind": "general"}, "Heads are worked out of dot products only"),
        ({"positions": "rotary", "kind": "additive"}, "Rotary positions are for dot products"),
        ({"positions": "rotary", "against": "additive"}, "Rotary positions are for dot products"),
        ({"positions": "rotary", "shape": "2 3"}, "each head has 3"),
        ({"positions": "rotary", "heads": 4}, "each head has 1"),
        ({"positions": "none", "show": "encodings"}, "no encodings to show"),
        ({"names": "the cat"} | {"shape": "3 4"}, "3 queries and 3 keys"),
        ({"names": "; cat"}, "3 queries and 3 keys"),
        ({"names": "a b c; d", "shape": "3 3 4"}, "3 queries and 3 keys"),
        ({"against": "scaled"}, "Both kinds are the same"),
        ({"against": "dot", "scale": "2"}, "all that tells these kinds apart"),
        ({"against": "dot", "heads": 2}, "leave out `against`, or those"),
        ({"against": "dot", "show": "block"}, "leave out `against`, or those"),
        ({"query": "1 2", "key": "3 4", "show": "block"}, "leave out the key and the value"),
        ({"shape": "2 3 4", "show": "block"}, "leave out the key and the value"),
        ({"learned": "1 0; 0 1"}, "Nothing is learned here"),
        ({"kind": "general", "learned": "1 0; 0 1"}, r"type W 4 × 4, where"),
        ({"kind": "additive", "query": "1 2", "learned": "1 0|0 1|1 1"}, r"type W₁ m × 2 \| W₂ m × 2 \| v 1 × m"),
        ({"kind": "general", "learned": "1 x"}, "learned has something in it that is not a number"),
        ({"query": "1 2", "key": "1", "kind": "general"}, "2 columns and the key 1"),
        (
            {"query": "1 2", "key": "1", "kind": "general", "learned": "1;1", "positions": "sinusoidal"},
            "as many columns in the query as in the key",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_refused_in_one_sentence(options, sentence):
    with pytest.raises(BadInput, match=sentence):
        parse_exercise(**options)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_matrix_or_refused(text):
    with contextlib.suppress(BadInput):
        exercise = parse_exercise(query=text, mask=text)
        assert exercise.matrices is None or exercise.matrices[0].size <= LARGEST**2


def test_the_picture_says_what_is_odd_and_follows_one_number():
    worked = work(query="1 2; 3 4", mask="1 1; 0 0")
    said = list(notes(ENGLISH, worked))
    assert "cancels out" in said[1]
    assert worked.weights[0].tolist() == [0.5, 0.5]
    (note,) = notes(ENGLISH, work(query="1 0; 0 1", mask="causal"))
    assert note.startswith("Follow q₂·k₂: 0·0 + 1·1 = 1; scaled, 0.71; softmax makes it 0.670")


def test_the_table_has_every_digit():
    rows = LabView(work()).table().rows
    assert rows[0] == ("weights 1", "0.3017341", "0.30983964", "0.3884262", "")
    assert {len(row) for row in rows} == {5}


# Kinds, heads, positions


def test_the_example_stays_what_it_is_in_every_kind():
    for options in ({"kind": "dot"}, {"kind": "additive"}, {"kind": "general"}, {"heads": 2}, {"scale": "off"}):
        worked, usual = work(**options), work()
        assert all((getattr(worked, name) == getattr(usual, name)).all() for name in ("query", "key", "value"))
        np.testing.assert_allclose(worked.weights.sum(axis=-1), 1, atol=1e-6)
    assert (work(kind="dot", scale="on").weights == work().weights).all()
    assert (work(scale="off").weights == work(kind="dot").weights).all() and work(scale="off").kind == "dot"
    np.testing.assert_allclose(work(scale="0.5").weights, work().weights, atol=1e-6)


@pytest.mark.parametrize(
    ("mask", "hidden"),
    [
        ("local:1", [[0, 0, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0], [1, 1, 0, 0]]),
        ("Causal, local: 1", [[0, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0]]),
        ("local:0", (1 - np.eye(4)).tolist()),
    ],
)
def test_a_mask_of_words(mask, hidden):
    assert (parse_exercise(mask=mask, shape="4 2").mask == hidden).all()


def test_other_keys_than_queries():
    worked = work(shape="2 5 4", names="le chat; the cat sat on it")
    assert worked.query.shape == (2, 4) and worked.key.shape == worked.value.shape == (5, 4)
    assert worked.weights.shape == (2, 5)
    table = LabView(worked).table()
    assert table.rows[0][0] == "weights 1" and len(table.rows[0]) == 6
    assert "“chat” looks most at “sat”" in LabView(worked).finding()
    assert work(names="le chat; the cat sat on it").key.shape == (5, 4)


def test_heads_attend_to_their_columns_and_stand_side_by_side():
    worked = work(heads=2, mask="causal")
    for head, part in ((1, slice(0, 2)), (2, slice(2, 4))):
        one = work(**{name: typed(getattr(worked, name)[:, part]) for name in ("query", "key", "value")}, mask="causal")
        np.testing.assert_allclose(worked.step("weights", head), one.weights, atol=1e-6)
        np.testing.assert_allclose(worked.output[:, part], one.output, atol=1e-6)
    output, weights = multi_head_attention(
        *(torch.tensor(matrix) for matrix in (worked.query, worked.key, worked.value)), 2, torch.ones(3, 3).triu(1)
    )
    np.testing.assert_allclose(worked.output, output, atol=1e-6)
    np.testing.assert_allclose(worked.weights, weights, atol=1e-6)


def test_an_additive_score_is_what_its_sentence_says():
    worked = work(kind="additive", query="1; 0", key="2 0; 0 -1", value="1; 0", learned="1; -1 | 0.5 0; 0 3 | 2 1")
    assert worked.scores[0, 0] == pytest.approx(2 * np.tanh(2) + np.tanh(-1))
    assert worked.step("hidden").shape == (2, 2, 2)
    (note,) = notes(ENGLISH, worked)
    assert note.startswith("Follow q₂, k₁: 2·0.76 + 1·0 = 1.52; softmax makes it 0.925 of the row of q₂")


def test_what_is_learned_is_an_identity_for_typed_numbers_and_random_else():
    assert (work(query="1 2; 3 4", kind="general").scores == work(query="1 2; 3 4", kind="dot").scores).all()
    worked = work(kind="general", seed=7)
    assert (worked.step("W") == work(kind="general", seed=7).step("W")).all()
    assert (worked.step("W") != work(kind="general", seed=8).step("W")).any()
    np.testing.assert_allclose(worked.scores, worked.query @ worked.step("W") @ worked.key.T, atol=1e-5)


def test_rotary_positions_turn_queries_and_keys():
    worked = work(query="1 0; 1 0; 1 0; 1 0", positions="rotary", heads=1)
    for distance in range(4):
        np.testing.assert_allclose(worked.scores.diagonal(distance), np.cos(distance), atol=1e-6)
    assert (worked.step("placed_key")[0] == worked.key[0]).all()


def test_sinusoidal_positions_are_added_to_queries_and_keys():
    worked = work(positions="sinusoidal", shape="2 3 4")
    np.testing.assert_allclose(worked.step("placed_key"), worked.key + worked.step("positions"), atol=1e-6)
    np.testing.assert_allclose(worked.step("placed_query"), worked.query + worked.step("positions")[:2], atol=1e-6)


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "rotary"])
def test_a_block_is_that_of_torch(positions):
    worked = work(show="block", positions=positions, heads=2, shape="4 4", mask="causal")
    assert (worked.key == worked.query).all() and (worked.value == worked.query).all()
    rows = torch.tensor(worked.query if positions != "sinusoidal" else worked.step("placed_query"))
    first = torch.nn.LayerNorm(4)(rows + torch.tensor(worked.output))
    fed = (first @ torch.tensor(worked.step("F₁"))).relu() @ torch.tensor(worked.step("F₂"))
    np.testing.assert_allclose(worked.step("normed_2"), torch.nn.LayerNorm(4)(first + fed).detach(), atol=1e-5)
    drawing = LabView(worked).draw()
    assert drawing.height <= 4096 and drawing.png.startswith(b"\x89PNG")


def test_two_kinds_share_their_matrices():
    worked = work(against="dot", names="the cat sat")
    assert worked.against and (worked.against.query == worked.query).all()
    assert (worked.against.weights == work(kind="dot").weights).all()
    view = LabView(worked)
    assert view.finding() == "“sat” looks at “sat”: 0.477 by scaled dot product, 0.621 by dot product"
    assert any("Mean entropy" in note for note in notes(ENGLISH, worked))
    assert {row[0] for row in view.table().rows} >= {"scaled dot product: weights 1", "dot product: weights 1"}
    assert set(worked.arrays()) >= {"weights", "dot_weights"}


def test_encodings_have_a_picture_of_their_own():
    view = lab_view(work(show="encodings"))
    assert isinstance(view, EncodingsView) and len(view.table().rows) == 32
    drawing = view.draw()
    assert drawing.png.startswith(b"\x89PNG") and "32 positions" in drawing.alt
    assert isinstance(lab_view(work(positions="rotary")), LabView)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["scaled", "dot", "additive", "general"]),
        "against": st.sampled_from(["", "scaled", "dot", "additive", "general"]),
        "heads": st.sampled_from([1, 2, 4, 8]),
        "positions": st.sampled_from(["none", "sinusoidal", "rotary"]),
        "show": st.sampled_from(["", "block", "encodings"]),
        "mask": st.sampled_from(["", "causal", "local:2", "causal local:1"]),
        "scale": st.sampled_from(["", "on", "off", "-2.5"]),
        "shape": st.sampled_from(["8 8", "1 1", "3 4", "2 8 6", "8 2 8"]),
    },
)


@settings(max_examples=40, deadline=None)
@given(OPTIONS)
def test_whatever_is_asked_together_is_drawn_or_refused(options):
    try:
        exercise = parse_exercise(**options)
    except BadInput:
        return
    (worked,) = LabTask("", "cpu").run([exercise])
    assert parse_exercise(**exercise.options).options == exercise.options
    view = lab_view(worked)
    drawing = view.draw()
    assert drawing.height <= 4096 and 0 < len(drawing.alt) <= 1024
    assert len({len(row) for row in view.table().rows}) == 1
    assert len({len(column) for column in worked.columns().values()}) == 1
    assert repr(worked) and worked.glance()
