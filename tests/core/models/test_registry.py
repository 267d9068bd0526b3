"""Which models may be asked for, and what their files say before anything is loaded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoConfig

from core import Core, CoreSettings
from core.commands import COMMANDS
from core.errors import Misconfigured, ModelUnavailable, NotOffered
from core.models.metadata import read_metadata
from core.models.registry import ModelRegistry
from core.models.weights import INDEX
from tests import tiny
from tests.stress.hostile_folders import weights

COMMIT = "0123456789abcdef" * 2 + "01234567"
HUB = f"someone/tiny@{COMMIT}"
FITS = {
    "bert-masked-lm": {"unmask", "tokens", "attention"},
    "bert-classifier": {"sentiment", "tokens", "attention"},
    "distilbert-masked-lm": {"unmask", "tokens", "attention"},
    "distilbert-classifier": {"sentiment", "tokens", "attention"},
    "roberta-masked-lm": {"unmask", "tokens", "attention"},
    "gpt2": {"unmask", "write", "tokens", "attention"},
}


def all_of(settings: CoreSettings, models: Path) -> CoreSettings:
    return replace(settings, allowed_models=tuple(str(models / name) for name in FITS))


def test_two_models_of_one_name_are_refused_at_the_start(settings: CoreSettings, models: Path, tmp_path: Path) -> None:
    for place in "ab":
        shutil.copytree(models / "gpt2", tmp_path / place / "checkpoint-500")
    first, second = (str(tmp_path / place / "checkpoint-500") for place in "ab")
    with pytest.raises(Misconfigured, match="called checkpoint-500"):
        ModelRegistry(replace(settings, allowed_models=(first, second)))
    (tmp_path / "newer").symlink_to(second)
    registry = ModelRegistry(replace(settings, allowed_models=(first, f"{first}/", str(tmp_path / "newer"))))
    folders = {name: registry.get("attention", name).folder for name in ("checkpoint-500", "newer")}
    assert folders == {"checkpoint-500": first, "newer": str(tmp_path / "newer")}


def test_what_the_files_of_a_model_say(models: Path) -> None:
    assert {name: set(read_metadata(models / name).commands) for name in FITS} == FITS
    assert read_metadata(models / "gpt2").family == "gpt2"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bundled/bert-mimi", "bundled/bert-mini"),
        ("Gpt-Mini", "bundled/gpt-mini"),
        ("minilm", "bundled/minilm"),
        ("reverser", "bundled/reverser"),
        ("bert_mini ", "bundled/bert-mini"),
        ("gpt", "bundled/gpt-mini"),
        ("../../etc/passwd", ""),
        ("zzz", ""),
        (" ", ""),
    ],
)
def test_the_name_that_may_have_been_meant(settings: CoreSettings, typed: str, meant: str) -> None:
    with pytest.raises(NotOffered, match="not among those of this bot") as refusal:
        ModelRegistry(settings).get("attention", typed)
    assert str(refusal.value).partition("did you mean ")[2] == (f"{meant}?" if meant else "")


def test_how_a_model_reads(models: Path) -> None:
    kinds = {"bert-classifier": "encoder", "roberta-masked-lm": "encoder", "gpt2": "decoder"}
    kinds |= dict.fromkeys(("bart", "t5", "marian"), "encoder-decoder")
    assert {name: read_metadata(models / name).kind for name in kinds} == kinds


def test_how_many_layers_and_heads_a_model_has(models: Path) -> None:
    """As many as the map of an answer has; nothing is said where there are two stacks, or where it is not known."""
    for folder in sorted(path for path in models.iterdir() if (path / "config.json").is_file()):
        config, found = AutoConfig.from_pretrained(folder), read_metadata(folder)
        stated = (0, 0) if config.is_encoder_decoder else (config.num_hidden_layers, config.num_attention_heads)
        assert (found.layers, found.heads) == stated, folder.name


@pytest.mark.parametrize("value", [None, "12", [1, 2], 0, -3, True])
def test_a_number_of_layers_that_is_none(models: Path, tmp_path: Path, value: object) -> None:
    shutil.copytree(models / "bert-classifier", tmp_path / "model")
    tiny.change_config(tmp_path / "model", num_hidden_layers=value)
    assert read_metadata(tmp_path / "model").layers == 0


@pytest.mark.parametrize("damage", ["no config", "torn", "a list", "no classes", "nothing"])
def test_files_that_say_little(models: Path, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(models / "bert-classifier", folder)
    match damage:
        case "no config":
            (folder / "config.json").unlink()
        case "torn":
            (folder / "config.json").write_text('{"architectures": [')
        case "a list":
            (folder / "config.json").write_text("[1]")
        case "no classes":
            tiny.change_config(folder, architectures=None)
        case _:
            shutil.rmtree(folder)
    nothing, everything = set[str](), set(COMMANDS)  # what nobody knows is for the device to find out
    expected = {"no config": {"tokens"}, "no classes": everything}.get(damage, nothing)
    assert read_metadata(folder).commands == expected
    assert read_metadata(folder).unusable == ("config.json" if damage in ("torn", "a list") else "")


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (["config.json"], "tokenizer.json"),
        (["config.json", "merges.txt"], "vocab.json"),
        (["config.json", "source.spm"], "tokenizer.json"),
        (["config.json", "a.spm", "vocab.bpe"], "tokenizer.json"),
    ],
)
async def test_a_model_without_a_tokenizer_is_refused_for_that(
    settings: CoreSettings, models: Path, tmp_path: Path, files: list[str], missing: str
) -> None:
    """What it was trained for does not matter then, and no command offers it."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in files:
        (folder / name).write_bytes((models / "bert-classifier" / "config.json").read_bytes())
    sentence = f"The tokenizer of mine cannot be read without {missing}: ask the bot's host to add that."
    async with Core.open(replace(settings, allowed_models=(str(folder),))) as core:
        for command in COMMANDS:
            with pytest.raises(ModelUnavailable) as caught:
                core.check(command, "The ___ sat.", "mine")
            assert str(caught.value) == sentence
            assert "mine" not in [model.name for model in core.models.for_command(command)]
        (entry,) = [entry for entry in core.entries() if entry.model.name == "mine"]
    assert (entry.commands, entry.missing) == ((), missing)


@pytest.mark.parametrize("family", ["fnet", "mamba", "big_bird", "longformer"])
def test_a_family_without_attention_weights(models: Path, tmp_path: Path, family: str) -> None:
    shutil.copytree(models / "bert-classifier", tmp_path / "model")
    tiny.change_config(tmp_path / "model", model_type=family)
    assert read_metadata(tmp_path / "model").commands == {"sentiment", "tokens"}


def test_each_command_offers_what_fits_its_own_first(settings: CoreSettings, models: Path) -> None:
    offered = ModelRegistry(all_of(settings, models))
    for command in COMMANDS:
        names = [model.name for model in offered.for_command(command)]
        assert names[0] == offered.defaults[command].name
        assert len(names) == len(set(names))
        assert set(names) & FITS.keys() == {name for name, fits in FITS.items() if command in fits}
    assert "bundled/minilm" in [model.name for model in offered.for_command("sentiment")]
    assert "bundled/bert-mini" not in [model.name for model in offered.for_command("sentiment")]
    assert "bundled/bert-base-cased" in [model.name for model in offered.for_command("tokens")]


def test_what_is_not_known_yet_may_fit(settings: CoreSettings, models: Path, tmp_path: Path) -> None:
    offered = ModelRegistry(replace(settings, allowed_models=(HUB,)))
    (model,) = [model for model in offered.for_command("sentiment") if model.name == "someone/tiny"]
    assert model.revision == COMMIT
    offered.update_metadata(model, models / "gpt2")
    assert model not in offered.for_command("sentiment") and model in offered.for_command("attention")


async def test_what_a_question_waits_for(settings: CoreSettings, models: Path) -> None:
    async with Core.open(replace(settings, allowed_models=(HUB, str(models / "gpt2")))) as core:
        fetched, loaded = core.models.get("tokens", "someone/tiny"), core.models.get("tokens", "gpt2")
        for way in ("tokens", "decode", "compare", "attention"):
            assert core.missing(way, fetched.name) == ("fetching", fetched)
            assert core.missing(way, loaded.name) == ("loading", loaded)
        await core.tokens("the cat", model="gpt2")
        assert core.missing("decode", "gpt2") is None and core.missing("attention", "gpt2") == ("loading", loaded)
        await core.attention("the cat", model="gpt2")
        assert core.missing("attention", "gpt2") is None


def test_a_model_by_its_name(settings: CoreSettings, models: Path) -> None:
    offered = ModelRegistry(all_of(settings, models))
    for command in COMMANDS:
        assert offered.get(command) == offered.get(command, "") == offered.defaults[command]
        for model in offered.for_command(command):
            assert offered.get(command, model.name) == model
    with pytest.raises(ModelUnavailable, match="gpt2 does not fit /sentiment"):
        offered.get("sentiment", "gpt2")


def test_two_revisions_of_one_name(settings: CoreSettings) -> None:
    """The command's own goes first; no name means two things for one command."""
    other = f"someone/tiny@{COMMIT[::-1]}"
    offered = ModelRegistry(replace(settings, unmask_model=HUB, attention_model=other, allowed_models=(HUB, other)))
    assert offered.get("unmask", "someone/tiny").revision == COMMIT
    assert offered.get("attention", "someone/tiny").revision == COMMIT[::-1]
    assert [model.name for model in offered.for_command("sentiment")].count("someone/tiny") == 1


@pytest.mark.parametrize(
    "name",
    ["google-bert/bert-base-cased", "bundled/../tokens.py", "../..", "/etc", "https://huggingface.co/a/b", HUB, " "],
)
def test_only_what_the_host_named_can_be_asked_for(settings: CoreSettings, models: Path, name: str) -> None:
    offered = ModelRegistry(all_of(settings, models))
    for command in COMMANDS:
        with pytest.raises(ModelUnavailable, match="not among those of this bot"):
            offered.get(command, name)
    with pytest.raises(ModelUnavailable, match="not among"):
        offered.get("unmask", str(models / "bert-masked-lm"))  # not even the path of one that is


@given(st.text() | st.sampled_from(["INL", "Bundled/MiniLM", "gpt"]))
def test_nothing_else_is_a_name(name: str) -> None:
    offered = ModelRegistry(CoreSettings.bundled())
    names = [model.name for model in offered.for_command("tokens")]
    refusals = [f"That model is not among those of this bot: did you mean {known}?" for known in names]
    with pytest.raises(ModelUnavailable) as other:
        offered.get("tokens", "someone/something")
    if name not in ("", *names):
        with pytest.raises(ModelUnavailable) as caught:
            offered.get("tokens", name)
        assert str(caught.value) in (*refusals, str(other.value))  # nothing that people write is repeated


def test_a_chosen_model_goes_along_where_it_fits(settings: CoreSettings, models: Path) -> None:
    offered = ModelRegistry(all_of(settings, models))
    chosen = offered.get("unmask", "distilbert-masked-lm")
    assert offered.carry_over("unmask", chosen, "unmask") == chosen.name
    assert offered.carry_over("attention", chosen, "unmask") == chosen.name
    assert offered.carry_over("sentiment", chosen, "unmask") == offered.defaults["sentiment"].name
    assert offered.carry_over("attention", offered.defaults["unmask"], "unmask") == offered.defaults["attention"].name
    assert offered.carry_over("tokens", offered.defaults["unmask"], "unmask") == offered.defaults["unmask"].name


def test_a_setting_that_names_no_model(settings: CoreSettings) -> None:
    with pytest.raises(ModelUnavailable, match="neither a folder nor a Hub id"):
        ModelRegistry(replace(settings, allowed_models=("https://example.org/model",)))


async def test_every_command_answers_with_the_model_that_is_asked_for(settings: CoreSettings, models: Path) -> None:
    async with Core.open(all_of(settings, models)) as core:
        assert (
            await core.sentiment("good", model="distilbert-classifier")
        ).source.model.name == "distilbert-classifier"
        three = await core.variants("{good|bad} film", model="distilbert-classifier")
        assert set(three.labels) == set("ABC")
        assert (await core.why("good film", model="distilbert-classifier")).answer.name in "ABC"
        masked = await core.unmask("The ___ sat.", model="roberta-masked-lm", compare="cat")
        assert "<mask>" in masked.source.text and masked.targets[0][0].word == "cat"
        assert (await core.layers("The ___ sat.", model="distilbert-masked-lm")).source.model.name.startswith("distil")
        assert (await core.attention("the cat", model="gpt2")).causal
        assert (await core.tokens("the cat", model="gpt2")).tokens[0].piece != "[CLS]"
        assert (await core.tokens("the cat")).tokens[0].piece == "[CLS]"
        assert not (await core.unmask("The ___ sat.", model="gpt2")).source.masks
        with pytest.raises(ModelUnavailable, match="gpt2 does not fit /sentiment"):
            core.check("sentiment", "The cat sat.", "gpt2")


async def test_a_folder_that_changes_after_the_start(settings: CoreSettings, models: Path, tmp_path: Path) -> None:
    """What its files say is looked at again when it is read."""
    shutil.copytree(models / "bert-classifier", tmp_path / "mine")
    async with Core.open(replace(settings, allowed_models=(str(tmp_path / "mine"),))) as core:
        config = json.loads((models / "gpt2" / "config.json").read_text())
        (tmp_path / "mine" / "config.json").write_text(json.dumps(config))
        with pytest.raises(ModelUnavailable, match="mine does not fit /sentiment"):
            await core.sentiment("good", model="mine")


CARD = """---
language: en
license: other
license_name: "mine-1.0"
tags: [a]
---
# A model

license: not this
"""


def test_a_licence_stands_in_the_head_of_the_card(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "gpt2", tmp_path / "model")
    card = tmp_path / "model" / "README.md"
    assert read_metadata(tmp_path / "model").licence == ""
    for text, licence in (
        (CARD, "mine-1.0"),
        (CARD.replace("license_name: ", "other: "), "other"),
        ("# A model\n\n---\nlicense: not this\n", ""),
        ("---\nlicense: @everyone\n---\n", ""),
    ):
        card.write_text(text)
        assert read_metadata(tmp_path / "model").licence == licence


def test_how_much_memory_a_model_takes(tmp_path: Path) -> None:
    """In float32, whatever the files have."""
    from transformers import BertConfig, BertModel

    model = BertModel(BertConfig(vocab_size=9000, hidden_size=64, num_hidden_layers=1, num_attention_heads=1))
    numbers = 4 * sum(weights.numel() for weights in model.parameters())
    for folder in (tmp_path / "float32", tmp_path / "float16"):
        model.save_pretrained(folder)
        assert read_metadata(folder).memory() == pytest.approx(numbers, rel=0.02)
        tiny.change_config(folder, dtype=None)
        assert read_metadata(folder).memory() == pytest.approx(numbers, rel=0.02)
        tiny.change_config(folder, dtype="float16")  # counts only where no header can be read
        assert read_metadata(folder).memory() == pytest.approx(numbers, rel=0.02)
        model.half()


def test_how_much_memory_the_files_of_an_index_take(tmp_path: Path) -> None:
    """Whatever they are called, and nothing else."""
    header = weights(t={"dtype": "BF16", "shape": [5000], "data_offsets": [0, 10_000]})
    for name in ("big-1.safetensors", "big-2.safetensors", "model-of-another.safetensors"):
        (tmp_path / name).write_bytes(header + bytes(10_000))
    tiny.write_json(tmp_path / INDEX, {"weight_map": {f"t{n}": f"big-{n}.safetensors" for n in (1, 2)}})
    assert read_metadata(tmp_path).memory() == pytest.approx(2 * 4 * 5000)


@pytest.mark.parametrize("end", [40_000, 4_000_000_000])
def test_a_header_that_tells_another_size_tells_nothing(tmp_path: Path, end: int) -> None:
    (tmp_path / "model.safetensors").write_bytes(
        weights(t={"dtype": "F32", "shape": [end // 4], "data_offsets": [0, end]}) + bytes(3 << 20)
    )
    assert read_metadata(tmp_path).memory() == (tmp_path / "model.safetensors").stat().st_size


@pytest.mark.parametrize("what", ["too big", "pickle only", "none"])
async def test_weights_that_are_refused_before_they_are_read(
    settings: CoreSettings, models: Path, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(models / "bert-masked-lm", folder)
    weights = folder / "model.safetensors"
    match what:
        case "too big":
            with weights.open("ab") as file:
                file.truncate(3 << 20)
        case "pickle only":
            weights.rename(folder / "pytorch_model.bin")
        case _:
            weights.unlink()
    async with Core.open(replace(settings, allowed_models=(str(folder),), models_mib=2)) as core:
        assert (await core.tokens("the cat", model="mine")).tokens  # which needs no weights
        with pytest.raises(ModelUnavailable) as caught:
            await core.attention("the cat", model="mine")
        assert (await core.attention("the cat")).layers  # the others go on
    expected = "needs about 3 MiB of memory and may take 2:" if what == "too big" else "has no safetensors weights"
    assert expected in str(caught.value)
