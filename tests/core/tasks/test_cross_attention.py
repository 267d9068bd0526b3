"""Models with an encoder and a decoder: all three kinds of attention, against plain `transformers`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, T5ForConditionalGeneration

from core import Core, CoreSettings
from core.errors import BadInput, ModelUnavailable, TooLong
from core.maps.requests import MAX_TOKENS
from core.questions import CrossAttention
from core.render import ArcsView, HeadView, LayerFilm, NormView, OverviewGrid, TokenView, TourView
from core.render.kit.wording.labels import labels
from core.results import AttentionMap
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from tests import tiny
from tests.tokenizers import load

KINDS = ("bart", "t5", "marian")
TEXT = "The cat sat on the mat because it was tired."
READ = (2, 61, 72, 83, 64, 3)
WRITTEN = (71, 62, 3)


def plain(folder: Path) -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()


@pytest.fixture(params=KINDS)
async def core(request: pytest.FixtureRequest, models: Path, settings: CoreSettings) -> AsyncGenerator[Core, None]:
    async with Core.open(replace(settings, attention_model=str(models / request.param))) as core:
        yield core


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_the_weights_are_those_of_the_model(models: Path, kind: str) -> None:
    model = plain(models / kind)
    question = CrossAttention(READ, WRITTEN, 10)
    (found,) = DeviceRunner("cpu").run(Job("across", str(models / kind)), [question])
    start = model.config.decoder_start_token_id
    assert (found.start, found.written) == (start, list(WRITTEN))
    expected = model(
        input_ids=torch.tensor([READ]),
        decoder_input_ids=torch.tensor([[start, *WRITTEN[:-1]]]),
        output_attentions=True,
    )
    sides = (expected.encoder_attentions, expected.decoder_attentions, expected.cross_attentions)
    for weights, layers in zip((found.encoder, found.decoder, found.cross), sides, strict=True):
        assert weights.dtype == np.float16
        assert weights == pytest.approx(torch.cat(layers).numpy(), abs=1e-3)
        assert weights.astype(float).sum(axis=-1) == pytest.approx(1, abs=2e-3)
    assert found.cross.shape[2:] == (len(WRITTEN), len(READ))
    assert not np.triu(found.decoder.astype(float), k=1).any()


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_by_itself_it_writes_what_generate_writes(models: Path, kind: str) -> None:
    model = plain(models / kind)
    together = DeviceRunner("cpu").run(
        Job("across", str(models / kind)), [CrossAttention(READ, (), 9), CrossAttention(READ[2:], (), 4)]
    )
    for ids, most, found in zip((READ, READ[2:]), (9, 4), together, strict=True):
        expected = model.generate(torch.tensor([ids]), max_new_tokens=most, num_beams=1, do_sample=False)[0].tolist()
        assert [found.start, *found.written] == expected
        assert found.cross.shape[2:] == (len(found.written), len(ids))


@torch.inference_mode()
def test_a_decoder_may_be_deeper_than_its_encoder(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = T5ForConditionalGeneration(tiny.t5(num_layers=2, num_decoder_layers=4)).eval()
    model.save_pretrained(tmp_path)
    (found,) = DeviceRunner("cpu").run(Job("across", str(tmp_path)), [CrossAttention(READ, (), 9)])
    expected = model.generate(torch.tensor([READ]), max_new_tokens=9, num_beams=1, do_sample=False, use_cache=False)
    assert [found.start, *found.written] == expected[0].tolist()
    assert (len(found.encoder), len(found.decoder), len(found.cross)) == (2, 4, 4)


async def test_the_answer_has_a_rectangle_and_the_two_squares_beside_it(core: Core) -> None:
    result = await core.attention(TEXT)
    assert result.rows and result.rows.text != TEXT and result.source.text == TEXT
    shape = (len(result.rows.tokens), len(result.source.tokens))
    assert result.weights.shape[2:] == shape and not result.is_self_attention
    encoder, decoder = result.related["encoder"], result.related["decoder"]
    assert encoder.source is result.source and not encoder.causal
    assert decoder.causal and decoder.weights.shape[2:] == (shape[0], shape[0])
    assert decoder.source.ids[1:] == result.rows.ids[:-1]


async def test_the_second_text_is_what_it_is_made_to_write(core: Core) -> None:
    text = f"{TEXT} [SEP] the mat was good"
    result = await core.attention(text)
    assert result.rows and result.rows.text == result.source.text == text
    assert [result.rows.written([n]) for n in range(len(result.rows.tokens))][-5:-1] == ["the", "mat", "was", "good"]
    assert [label.text for label in labels(result.source)][1:4] == ["the", "cat", "sat"]
    assert (await core.attention(text)).rows == result.rows


@pytest.mark.parametrize("text", ["z " * (tiny.LONGEST + 1), f"{TEXT} [SEP] " + "z " * (MAX_TOKENS + 1)])
async def test_more_than_it_reads_or_writes_is_refused(core: Core, text: str) -> None:
    if core.models.defaults["attention"].name == "t5" and "[SEP]" not in text:
        pytest.skip("T5 counts distances, so it has no longest text")
    with pytest.raises(TooLong):
        await core.attention(text)


async def test_its_pictures(core: Core) -> None:
    cross = await core.attention(f"{TEXT} [SEP] tired was it.")
    for view in (
        HeadView(cross, 2, 3),
        OverviewGrid(cross, 2, 3),
        TokenView(cross, 2, 3, 2),
        LayerFilm(cross, 2),
        ArcsView(cross, 2, None, 2),
        NormView(cross, 2, 3),
        NormView(cross, 1, None),
    ):
        drawing = view.draw()
        assert drawing.alt and drawing.width and view.table().rows
    assert "rows = token being written" in HeadView(cross, 2, 3).draw().alt.lower()
    assert len(HeadView(cross, 2, 3).full().rows) == len(cross.queries.tokens)
    for side in (cross, *cross.related.values()):
        for head in (None, 2):
            np.testing.assert_allclose(NormView(side, 2, head).shares.sum(axis=-1), 1, atol=1e-5)
    with pytest.raises(BadInput, match="tokens: choose one from 0 to"):
        TokenView(cross, 1, 1, len(cross.queries.tokens))


def test_a_head_that_points_is_first_on_the_tour() -> None:
    from tests.core.render.golden import samples

    weights = np.full((2, 2, 5, 13), 1 / 13, np.float16)
    weights[1, 0] = np.eye(13)[[3, 2, 1, 4, 11]]
    cross = AttentionMap(samples.CAT, weights, rows=samples.first(samples.CAT, 5))
    (stop,) = TourView(cross).table().rows
    assert stop[:3] == ("2.1", "aligned", "1.00")


@pytest.mark.parametrize("kind", ["bert-masked-lm", "gpt2"])
def test_a_model_without_a_decoder_of_that_kind_is_refused(models: Path, kind: str) -> None:
    with pytest.raises(ModelUnavailable):
        DeviceRunner("cpu").run(Job("across", str(models / kind)), [CrossAttention(READ, (), 4)])


def test_what_was_written_is_read_back(models: Path) -> None:

    reader = load(models / "bart")
    ids = AutoTokenizer.from_pretrained(models / "bart")("the cats, tired")["input_ids"]
    back = reader.decode(ids)
    assert back.text == "the cats, tired"
    assert [label.text for label in labels(back)] == ["[CLS]", "the", "cat", "s", ",", "tired", "[SEP]"]
    assert [token.special for token in back.tokens] == [True, *[False] * 5, True]
