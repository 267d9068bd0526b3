"""`Core.write`: the text that comes of the tokens, with what could have come instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from core import Core, CoreSettings, show
from core.errors import BadInput, ModelUnavailable, TooLong
from core.reading.continuation import MOST_WRITTEN
from core.render import WritingView
from core.results import Sampling
from tests import tiny, tokenizers

TEXT = "I would like a cup of"


@pytest.fixture
def with_gpt2(models: Path, settings: CoreSettings) -> CoreSettings:
    return replace(settings, allowed_models=(str(models / "gpt2"),))


async def test_the_whole_text_and_where_each_token_stands(core: Core) -> None:
    found = await core.write(f"{TEXT}  ", likeliest=True, count=2)
    assert (found.prompt, found.text, found.source.text) == (TEXT, " tea please", f"{TEXT} tea please")
    assert [found.spelt(token) for token in found.written] == [" tea", " please"]
    assert found.source.ids[: -len(found.written)] == (await core.tokens(TEXT, model="bundled/gpt-mini")).ids
    assert [found.source.written(word) for word in found.source.words][-2:] == [" tea", " please"]
    assert found.next[0].word.strip() and sum(one.share for one in found.next) == pytest.approx(1, abs=1e-5)
    assert found.sampling == Sampling() and found.left == (50, 50) and found.vocabulary == 4096
    assert repr(found) == f"<Written: 2 tokens written · “{TEXT} tea please” · bundled/gpt-mini>"


@pytest.mark.parametrize(
    "text", ["the café 🤗", "  the\n\ncat\t", "日本", "a", "`@everyone` \u202e\u200b", "<|endoftext|> the"]
)
async def test_what_is_written_is_the_text_of_its_tokens(with_gpt2: CoreSettings, models: Path, text: str) -> None:
    """Bytes of characters among them, whole or not."""
    plain: Any = AutoTokenizer.from_pretrained(models / "gpt2")
    async with Core.open(with_gpt2) as core:
        found = await core.write(text, model="gpt2", count=20, top_k=0, temperature=5, seed=1)
    ids = [token.id for token in found.written]
    assert found.prompt == text.rstrip() and len(ids) == 20
    assert found.source.text == plain.decode(found.source.ids, clean_up_tokenization_spaces=False)
    ends = [token.end for token in found.written]
    assert ends == sorted(ends) and ends[-1] == len(found.source.text)
    assert WritingView(found).draw().alt and len(WritingView(found).table().rows) == 20 + len(found.next)


@pytest.mark.parametrize("made", [tokenizers.llama, tokenizers.mistral])
async def test_a_llama_writes_spaces_as_it_reads_them(
    settings: CoreSettings, tmp_path: Path, made: Callable[[Path], None]
) -> None:
    """Decoded alone, what a SentencePiece vocabulary wrote would lose the space before it."""
    made(folder := tmp_path / "llama")
    plain: Any = AutoTokenizer.from_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(plain),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=37,
        max_position_embeddings=tiny.LONGEST,
        initializer_range=0.5,
    )
    torch.manual_seed(0)  # or what is likely would hang on the tests before
    LlamaForCausalLM(config).save_pretrained(folder)
    given, whole = plain("the")["input_ids"], plain("the cat sat")["input_ids"]
    async with Core.open(replace(settings, allowed_models=(str(folder),))) as core:
        found = await core.write("the", model="llama", count=0, written=whole[len(given) :])
        free = await core.write("the", model="llama", count=30, top_k=0, seed=2)
    assert found.source.text == "the cat sat" and found.source.ids == whole
    assert any(one.word.startswith(" ") for one in found.next)
    assert free.source.text == plain.decode(free.source.ids, skip_special_tokens=True)


async def test_settings_and_texts_that_there_are_not(core: Core) -> None:
    for options, reason in (
        ({"temperature": -1}, "`temperature` is a number from 0 to 5"),
        ({"top_k": 1001}, "`top_k` is a whole number from 0 to 1,000"),
        ({"count": 65}, "From 0 to 64 tokens"),
        ({"written": [1] * 65}, "At most 64 tokens"),
        ({"written": [5000]}, "a token that the model does not know"),
        ({"written": [-1]}, "a token that the model does not know"),
    ):
        with pytest.raises(BadInput, match=reason):
            await core.write(TEXT, **options)
    with pytest.raises(ModelUnavailable, match="bert-masked-lm does not fit /write"):
        await core.write(TEXT, model="bert-masked-lm")
    with pytest.raises(BadInput, match="empty"):
        await core.write(" \n ")


async def test_a_text_that_leaves_no_room_to_write(with_gpt2: CoreSettings) -> None:
    async with Core.open(with_gpt2) as core:
        found = await core.write("a" * (tiny.LONGEST - 1), model="gpt2", count=5)
        assert (len(found.written), found.ending) == (1, "full")
        with pytest.raises(TooLong):
            await core.write("a" * tiny.LONGEST, model="gpt2")


async def test_the_most_is_written_at_once_or_in_parts(core: Core) -> None:
    whole = await core.write("Once upon a time", count=MOST_WRITTEN, seed=7)
    assert (len(whole.written), whole.ending) == (MOST_WRITTEN, "most")
    part = await core.write("Once upon a time", count=40, seed=7)
    both = await core.write("Once upon a time", count=40, seed=7, written=[token.id for token in part.written])
    assert both.source == whole.source
    assert [one.rank for one in both.chances] == [one.rank for one in whole.chances]


def test_it_shows_itself_and_waits_without_await(tmp_path: Path) -> None:
    with Core.blocking(CoreSettings.bundled()) as core:
        found = core.write(TEXT, count=3, seed=2)
        (again,) = core.each([TEXT], core.write, count=3, seed=2)
    assert again == found
    view = show(found, theme="light")
    assert isinstance(view, WritingView) and view.save(tmp_path / "a.svg").exists()
    columns = found.columns()
    assert list(columns["written"]) == [True] * 3 + [False] * 50
    assert list(columns["step"])[:4] == [1, 2, 3, 4] and list(columns["share"])[:3] == [None] * 3
    assert len(found.to_frame()) == 53


async def test_a_child_process_writes_the_same(core: Core) -> None:
    async with Core.open(CoreSettings.bundled(runner="process")) as other:
        there = await other.write("The old man", count=30, seed=11, temperature=1.2)
    here = await core.write("The old man", count=30, seed=11, temperature=1.2)
    assert there.source.ids == here.source.ids
