"""Several texts in one forward pass, and layers with packed weights: the numbers are those of plain transformers."""

from __future__ import annotations

import copy
import random
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from transformers import (
    AlbertConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    BertConfig,
    CamembertConfig,
    DistilBertConfig,
    ElectraConfig,
    GPT2Config,
    LlamaConfig,
    LlamaForSequenceClassification,
    PreTrainedModel,
    RobertaConfig,
    XLMRobertaConfig,
)
from transformers.pytorch_utils import Conv1D

from core.errors import TooLong
from core.tasks.engine import packed_linear
from core.tasks.engine.fused_layers import fuse_layers
from core.tasks.engine.loading import check_ids
from core.tasks.engine.output_heads import logits_at
from core.tasks.engine.packed_linear import PackedLinear, pack_linear, weight_of
from core.tasks.engine.packing import ALIKE, STEP, TOGETHER, EncodedText, ForwardPass, plan_passes
from core.tasks.engine.varlen_attention import FIRST_POSITIONS, VARLEN, use_varlen_attention
from core.tasks.sentiment import _logits  # pyright: ignore[reportPrivateUsage]
from tests.tiny import VOCABULARY, word_piece

FAMILIES: dict[str, type[Any]] = {
    "albert": AlbertConfig,  # no family of ours: padded
    "bert": BertConfig,
    "camembert": CamembertConfig,
    "distilbert": DistilBertConfig,
    "electra": ElectraConfig,
    "roberta": RobertaConfig,
    "xlm-roberta": XLMRobertaConfig,
}
SHAPE: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 24,
}
LENGTHS = (3, 40, 7, 2, 12, 40, 11)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


def config(family: str, **options: Any) -> Any:
    shape = SHAPE
    if family == "distilbert":
        shape = {"dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 24}
    vocabulary = len(VOCABULARY) if family == "albert" else 60  # it is tried on what the tokenizer makes of a text
    positions = {"max_position_embeddings": 80, "vocab_size": vocabulary, "initializer_range": 0.2}
    options.setdefault("pad_token_id", 0 if family == "albert" else 1)  # padded with what the tokenizer calls padding
    return FAMILIES[family](**shape, **positions, embedding_size=16, **options)


def texts(lengths: Sequence[int], vocabulary: int = 60) -> list[EncodedText]:
    drawn = torch.Generator().manual_seed(1)
    ids = [torch.randint(5, vocabulary, (1, length), generator=drawn) for length in lengths]
    return [{"input_ids": row, "attention_mask": torch.ones_like(row)} for row in ids]


def made(auto: Any, family: str, **options: Any) -> PreTrainedModel:
    torch.manual_seed(0)
    return auto.from_config(config(family, **options)).eval()


def passes(model: Any, rows: Sequence[EncodedText], on_gpu: bool = False) -> list[ForwardPass]:
    return list(plan_passes(model, word_piece(), rows, on_gpu))


@pytest.fixture(params=["on a CPU", "on a GPU", "on a GPU, in several rows"])
def on_gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Where texts are arranged for; what is computed here is the same anywhere."""
    if "several" in request.param:
        monkeypatch.setattr("core.tasks.engine.packing.TOGETHER", 45)
    return "GPU" in request.param


def test_every_family_of_ours_is_tested() -> None:
    assert set(FIRST_POSITIONS) == set(FAMILIES) - {"albert"}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_labels_of_several_texts_are_those_of_each_alone(family: str, packed: bool, on_gpu: bool) -> None:
    model, rows = made(AutoModelForSequenceClassification, family, num_labels=5), texts(LENGTHS)
    alone = [model(**row).logits[0] for row in rows]
    if packed:  # as `load_model` does on a CPU
        use_varlen_attention(model)
        fuse_layers(model)
        pack_linear(model)
    for one in passes(model, rows, on_gpu):
        for text, logits in zip(one.texts, _logits(model, one), strict=True):
            assert logits == pytest.approx(alone[text], rel=1e-5, abs=1e-5)
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_words_of_several_texts_are_those_of_each_alone(family: str, narrow: bool, on_gpu: bool) -> None:
    model, rows = made(AutoModelForMaskedLM, family), texts(LENGTHS)
    wanted = [[length - 1, 0] for length in LENGTHS]
    alone = [model(**row).logits[0, masks] for row, masks in zip(rows, wanted, strict=True)]
    use_varlen_attention(model)
    fuse_layers(model)
    pack_linear(model)
    for one in passes(model, rows, on_gpu):
        found = logits_at(model, one.places(wanted), narrow=narrow, **one.inputs)
        for text, logits in zip(one.texts, found, strict=True):
            assert logits == pytest.approx(alone[text], rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("family", sorted({*FAMILIES} - {"albert", "distilbert"}))
@torch.inference_mode()
def test_a_decoder_of_these_families_reads_each_text_from_left_to_right(family: str, on_gpu: bool) -> None:
    """Texts alone and together; masks of ours would have it read both ways."""
    model, rows = made(AutoModelForSequenceClassification, family, num_labels=5, is_decoder=True), texts(LENGTHS)
    alone = [model(**row).logits[0] for row in rows]
    use_varlen_attention(model)
    fuse_layers(model)
    pack_linear(model)
    for batch in (rows, *([row] for row in rows)):
        for one in passes(model, batch, on_gpu):
            for text, logits in zip(one.texts, _logits(model, one), strict=True):
                expected = alone[next(n for n, row in enumerate(rows) if row is batch[text])]
                assert logits == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("padding", [1, 6])
@torch.inference_mode()
def test_a_text_alone_is_not_filled_up_past_the_last_position(padding: int) -> None:
    """Families that count positions from the padding's id lose as many."""
    model = made(AutoModelForSequenceClassification, "roberta", num_labels=5, pad_token_id=padding)
    longest = 80 - padding - 1
    rows = [texts([length])[0] for length in range(longest - 6, longest + 1)]
    for row in rows:
        row["input_ids"][row["input_ids"] == padding] = 9
    alone = [model(**row).logits[0] for row in rows]
    use_varlen_attention(model)
    fuse_layers(model)
    for row, expected in zip(rows, alone, strict=True):
        (one,) = passes(model, [row])
        assert _logits(model, one)[0] == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_a_text_alone_is_filled_up_where_there_is_room_and_answered_as_it_is(family: str) -> None:
    """Few numbers of tokens, so that few products are compiled; the longest text is read, too."""
    model = made(AutoModelForSequenceClassification, family, num_labels=5)
    longest = 80 - 2 * (family in ("camembert", "roberta", "xlm-roberta"))
    rows = [texts([length])[0] for length in (1, 2, 17, 20, 73, longest - 1, longest)]
    alone = [model(**row).logits[0] for row in rows]
    use_varlen_attention(model)
    fuse_layers(model)
    pack_linear(model)
    for row, expected in zip(rows, alone, strict=True):
        (one,) = passes(model, [row])
        width = one.inputs["input_ids"].shape[1]
        assert width % STEP == 0 or width == row["input_ids"].shape[1] > 80 - 2 * STEP or family == "albert"
        assert _logits(model, one)[0] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_texts_in_one_row_take_no_padding() -> None:
    (one,) = passes(made(AutoModelForMaskedLM, "bert"), texts(LENGTHS))
    assert one.inputs["input_ids"].shape == (1, sum(LENGTHS))
    assert sorted(one.texts) == list(range(len(LENGTHS)))


@pytest.mark.parametrize(("lengths", "shape"), [([9], (1, 16)), (LENGTHS, (1, 128)), ([50] * 30 + [12], (3, 512))])
def test_a_gpu_gets_everything_in_one_pass_of_a_few_shapes(lengths: Sequence[int], shape: tuple[int, int]) -> None:
    (one,) = passes(made(AutoModelForMaskedLM, "roberta"), texts(lengths), on_gpu=True)
    assert {value.shape[-1] for value in one.inputs.values()} == {shape[1]}
    assert one.inputs["input_ids"].shape == shape
    assert sorted(one.texts) == list(range(len(lengths)))


def test_a_row_does_not_grow_without_end_but_takes_any_single_text() -> None:
    model = made(AutoModelForMaskedLM, "distilbert")
    sizes = [one.inputs["input_ids"].shape[1] for one in passes(model, texts([TOGETHER + 1, 60, *[50] * 30]))]
    assert max(sizes) == TOGETHER + 1 and sum(size > TOGETHER for size in sizes) == 1
    assert len(sizes) == 5


def test_nearly_all_that_a_gpu_computes_of_a_full_batch_is_asked_for() -> None:
    model, drawn = made(AutoModelForMaskedLM, "bert"), random.Random(1)
    useful: list[float] = []
    for _ in range(50):
        lengths: list[int] = []
        while sum(lengths) < 1005:  # as long as in a chat: 18 in the median
            lengths.append(min(1020 - sum(lengths), 512, max(3, round(drawn.lognormvariate(2.9, 0.75)))))
        useful.append(
            sum(lengths) / sum(one.inputs["input_ids"].numel() for one in passes(model, texts(lengths), True))
        )
    assert statistics.mean(useful) > 0.9


def test_texts_are_kept_apart_without_the_products_of_one_with_another() -> None:
    model = made(AutoModelForMaskedLM, "bert")
    use_varlen_attention(model)
    (one,) = passes(model, texts(LENGTHS))
    assert sorted(one.inputs["attention_mask"].flatten().tolist()) == sorted(LENGTHS)
    model.set_attn_implementation("sdpa")
    with pytest.raises(RuntimeError):  # lengths are no mask: no other attention can take them for one
        model(**one.inputs)


@torch.inference_mode()
def test_a_model_that_attends_text_by_text_takes_padding_as_before() -> None:
    model: Any = made(AutoModelForMaskedLM, "bert")
    (short, long) = texts([4, 9])
    padded = {name: torch.cat([nn.functional.pad(short[name], (0, 5)), long[name]]) for name in short}
    alone = model(**short).logits[0]
    use_varlen_attention(model)
    assert model(**padded).logits[0, :4] == pytest.approx(alone, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_only_families_of_ours_attend_text_by_text_and_never_where_weights_are_wanted(family: str) -> None:
    for attention in ("sdpa", "eager"):
        torch.manual_seed(0)
        model: Any = AutoModelForMaskedLM.from_config(config(family), attn_implementation=attention)
        use_varlen_attention(model)
        assert (model.config._attn_implementation == VARLEN) == (family in FIRST_POSITIONS and attention == "sdpa")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_known_activation_becomes_part_of_the_product_before_it(family: str) -> None:
    model, (row,) = made(AutoModelForMaskedLM, family), texts([9])
    expected = model(**row).logits
    pack_linear(model)
    pack_linear(model)
    assert sum(getattr(module, "gelu", False) for module in model.modules()) == (3 if family in FIRST_POSITIONS else 0)
    for mode in (torch.inference_mode, torch.enable_grad):
        with mode():
            assert model(**row).logits.detach().numpy() == pytest.approx(expected.detach().numpy(), rel=1e-5, abs=1e-5)


def test_a_lone_text_needs_no_mask() -> None:
    (row,) = texts([9])
    (one,) = passes(made(AutoModelForMaskedLM, "bert"), [row])
    assert set(one.inputs) == {"input_ids", "attention_mask"} and one.inputs["attention_mask"].shape == (1, 9)


def test_other_families_are_padded_to_about_their_own_length() -> None:
    found = passes(made(AutoModelForMaskedLM, "albert"), texts([40, 10, 9, 38, 3, 11]))
    assert [one.texts for one in found] == [[4], [2, 1, 5], [3, 0]]
    for one in found:
        assert one.inputs["attention_mask"].sum() * ALIKE >= one.inputs["attention_mask"].numel()


def test_padding_on_the_left_moves_the_texts() -> None:
    tokenizer = word_piece()
    tokenizer.padding_side = "left"
    rows = texts([9, 10])
    family = LlamaConfig(vocab_size=len(VOCABULARY), pad_token_id=0, **SHAPE)  # positions of its own would have moved
    (one,) = plan_passes(LlamaForSequenceClassification(family).eval(), tokenizer, rows)
    assert one.starts == [(0, 1), (1, 0)]
    for text, places in zip(one.texts, one.places([[0, 8], [0, 9]]), strict=True):
        for (row, column), token in zip(places, (0, 8 + text), strict=True):
            assert one.inputs["input_ids"][row, column] == rows[text]["input_ids"][0, token]


@torch.inference_mode()
def test_only_the_wanted_positions_go_through_the_head() -> None:
    model: Any = made(AutoModelForMaskedLM, "bert")
    seen: list[torch.Size] = []
    model.cls.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].shape))
    (one,) = passes(model, texts(LENGTHS))
    found = logits_at(model, one.places([[1]] * 6 + [[1, 2]]), **one.inputs)
    assert seen == [(1, 8, 16)]
    assert [len(logits) for logits in found] == [2 if text == 6 else 1 for text in one.texts]
    assert model(**texts([9])[0]).logits.shape == (1, 9, 60)  # and afterwards the model is as it was


@pytest.mark.parametrize(
    "make", [partial(nn.Linear, 40, 24), partial(nn.Linear, 40, 24, bias=False), partial(Conv1D, 24, 40)]
)
def test_packed_weights_multiply_like_plain_ones_and_have_their_gradients(make: Callable[[], Any]) -> None:
    torch.manual_seed(0)
    plain, input = make(), torch.randn(2, 5, 40)
    packed = PackedLinear(plain)
    with torch.inference_mode():
        assert packed(input) == pytest.approx(plain(input), rel=1e-5, abs=1e-5)
    assert torch.equal(packed.weight, weight_of(plain))
    gradients: list[torch.Tensor] = []
    for layer in (plain, packed):
        x = input.clone().requires_grad_()
        gradients += torch.autograd.grad(layer(x).square().sum(), x)
    assert gradients[1] == pytest.approx(gradients[0], rel=1e-5, abs=1e-5)


def test_a_model_is_packed_but_for_what_it_shares_with_its_embeddings() -> None:
    model: Any = made(AutoModelForMaskedLM, "bert")
    linear = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    pack_linear(model)
    packed = {name for name, module in model.named_modules() if isinstance(module, PackedLinear)}
    assert linear - packed == {"cls.predictions.decoder"}
    assert model.cls.predictions.decoder.weight is model.get_input_embeddings().weight


@torch.inference_mode()
def test_the_layers_of_gpt_2_are_packed_and_say_the_same() -> None:
    """Theirs are no linear layers, for their weights lie the other way round."""
    torch.manual_seed(0)
    plain: Any = AutoModelForCausalLM.from_config(GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=60)).eval()
    packed, ids = copy.deepcopy(plain), torch.arange(5, 25)[None]
    pack_linear(packed)
    assert not any(isinstance(module, Conv1D) for module in packed.modules())
    found, right = (model(ids, output_attentions=True, output_hidden_states=True) for model in (packed, plain))
    assert found.logits == pytest.approx(right.logits, rel=1e-5, abs=1e-5)
    assert found.hidden_states[1] == pytest.approx(right.hidden_states[1], rel=1e-5, abs=1e-5)


def test_where_the_operators_are_missing_a_model_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_linear, "_operators", lambda: object())
    model = made(AutoModelForMaskedLM, "bert")
    pack_linear(model)
    assert not any(isinstance(module, PackedLinear) for module in model.modules())


def test_packing_draws_no_random_numbers() -> None:
    model = made(AutoModelForMaskedLM, "bert")
    torch.manual_seed(7)
    pack_linear(model)
    assert torch.initial_seed() == 7 and torch.equal(torch.rand(3), torch.rand(3, generator=torch.manual_seed(7)))


@pytest.mark.parametrize(
    ("ids", "error"), [([60], ValueError), ([-1, 3], ValueError), ([], ValueError), ([2] * 81, TooLong)]
)
def test_ids_that_a_model_has_no_embeddings_for_never_reach_the_device(ids: list[int], error: type[Exception]) -> None:
    model = made(AutoModelForMaskedLM, "bert")
    check_ids(model, [0, 59] * 40)
    with pytest.raises(error):
        check_ids(model, ids)
