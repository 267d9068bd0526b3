"""The lab: matrices as people type them, and attention worked out by hand."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.attention import scaled_dot_product_attention
from core.errors import BadInput
from core.lab import GREATEST, LARGEST, parse_exercise
from core.render import LabView
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
    notes = list(LabView(worked)._notes())
    assert "cancels out" in notes[1]
    assert worked.weights[0].tolist() == [0.5, 0.5]
    (note,) = LabView(work(query="1 0; 0 1", mask="causal"))._notes()
    assert note.startswith("Follow q₂·k₂: 0·0 + 1·1 = 1; scaled, 0.71; softmax makes it 0.670")


def test_the_table_has_every_digit():
    rows = LabView(work()).table().rows
    assert rows[0] == ("weights 1", "0.3017341", "0.30983964", "0.3884262", "")
    assert {len(row) for row in rows} == {5}
