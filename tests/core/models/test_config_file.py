"""What a model's JSON files say is believed only where it can be so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelUnavailable
from core.models.config_file import FIELDS, UnusableFile, read_config
from core.models.metadata import read_metadata
from core.models.registry import ModelRegistry
from core.settings import CoreSettings
from tests.stress.hostile_folders import OUTSIDE, Change, endless, grown

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts, max_size=3),
)


def is_right(path: Path, name: str) -> bool:
    value = json.loads(path.read_text()).get(name)
    return value is None or FIELDS[name](value)


@given(config=st.dictionaries(st.sampled_from(sorted(FIELDS)), anything, max_size=4))
def test_a_model_is_listed_or_refused_by_its_file_and_field_whatever_the_file_says(
    config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("model")
    for name in ("vocab.txt", "model.safetensors"):
        (folder / name).write_bytes(b"x")
    for name in ("config.json", "tokenizer_config.json"):
        (folder / name).write_text(json.dumps(config))
    registry = ModelRegistry(CoreSettings(allowed_models=(str(folder),)))
    wrong = [f"config.json ({name})" for name in FIELDS if not is_right(folder / "config.json", name)]
    if wrong:
        with pytest.raises(ModelUnavailable) as refusal:
            registry.get("tokens", folder.name)
        assert wrong[0] in str(refusal.value)
    else:
        assert registry.get("tokens", folder.name).folder == str(folder)
        assert all(size >= 0 for size in registry.map_size(registry.get("tokens", folder.name)))


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in OUTSIDE.items() for value in values])
def test_a_value_that_cannot_be_is_named(field: str, value: Any, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({field: value}))
    with pytest.raises(UnusableFile, match=rf"^config\.json \({field}\)$"):
        read_config(tmp_path / "config.json")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
@pytest.mark.parametrize("change", [grown, endless])
def test_a_file_without_end_is_named_and_not_read(name: str, change: Callable[[str], Change], tmp_path: Path) -> None:
    for file in ("vocab.txt", "config.json", "tokenizer_config.json"):
        (tmp_path / file).write_bytes(b"{}")
    change(name)(tmp_path)
    assert read_metadata(tmp_path).unusable == name


def test_a_card_without_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"")
    endless("README.md")(tmp_path)
    assert read_metadata(tmp_path).licence == ""


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 200_000, b'{"a":' * 200_000, b'"text"', b""])
def test_a_file_that_is_no_json_object_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(UnusableFile, match=r"^config\.json$"):
        read_config(tmp_path / "config.json")


@pytest.mark.parametrize("most", [0.5, 0, -2, float("nan"), True])
def test_a_limit_below_one_token_is_named(most: float, tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"model_max_length": most}))
    with pytest.raises(UnusableFile, match=r"^tokenizer_config\.json \(model_max_length\)$"):
        read_config(tmp_path / "tokenizer_config.json")


def test_what_real_models_say_is_believed(tmp_path: Path) -> None:
    said = {
        "architectures": ["XLNetLMHeadModel"],
        "max_position_embeddings": -1,
        "model_max_length": 1e30,
        "num_attention_heads": [12, 16],
        "pad_token_id": -1,
        "torch_dtype": None,
        "id2label": {"0": "NEGATIVE"},
    }
    (tmp_path / "config.json").write_text(json.dumps(said))
    assert read_config(tmp_path / "config.json") == said
    assert read_config(tmp_path / "absent.json") == {}
