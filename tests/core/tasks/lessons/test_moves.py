"""How far parts move tokens: by the hidden states and the modules of plain transformers, in every known family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity
from transformers import AutoModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from core.errors import BadInput
from core.questions import PartMoves, TextPair
from core.tasks.attention import AttentionTask
from core.tasks.lessons.moves import Moves, part_moves
from core.tasks.norms import PROJECTIONS
from tests.core.tasks.test_families import FAMILIES
from tests.core.tasks.test_norms import SIZES

IDS = (5, 17, 3, 42, 88, 9, 6)
NORMS_WHAT_GOES_IN = {"gpt2", "gpt_neo", "llama", "mistral", "modernbert", "opt", "qwen2"}


def made(kind: str, folder: Path, **more: Any) -> Any:
    torch.manual_seed(0)
    options = {**SIZES, "initializer_range": 0.5, **FAMILIES[kind], **more}
    config = CONFIG_MAPPING[kind](**{key: value for key, value in options.items() if value is not None})
    model = AutoModel.from_config(config, attn_implementation="eager").eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.2)
    model.save_pretrained(folder)
    return model


def asked(folder: Path, question: PartMoves) -> Moves:
    (moves,) = AttentionTask(str(folder), "cpu").run([question])
    return moves


@torch.inference_mode()
def states_of(model: Any, **more: Any) -> list[torch.Tensor]:
    """What goes into each layer ``(N, width)``, and what comes of the last one."""
    return [state[0] for state in model(torch.tensor([IDS]), output_hidden_states=True, **more).hidden_states]


@pytest.mark.parametrize("kind", sorted(FAMILIES))
def test_streams_are_the_hidden_states_of_transformers_or_the_family_is_refused(kind: str, tmp_path: Path) -> None:
    model = made(kind, tmp_path)
    if kind not in PROJECTIONS:
        with pytest.raises(BadInput, match="not known where the parts"):
            asked(tmp_path, PartMoves(IDS))
        return
    moves, states = asked(tmp_path, PartMoves(IDS)), states_of(model)
    assert moves.normed == (kind not in NORMS_WHAT_GOES_IN)
    assert moves.stream.shape == moves.added.shape == moves.cosines.shape == (3, 2, len(IDS))
    assert moves.stream.dtype == np.float32
    for layer in range(3):
        assert moves.stream[layer, 0] == pytest.approx(states[layer].norm(dim=-1).numpy(), rel=1e-4)
    assert len({part.tobytes() for part in moves.added.reshape(6, -1)}) == 6


@torch.inference_mode()
def test_parts_of_bert_are_what_its_own_modules_give(tmp_path: Path) -> None:
    model = made("bert", tmp_path)
    moves, states = asked(tmp_path, PartMoves(IDS)), states_of(model)
    for number, layer in enumerate(model.encoder.layer):
        before = states[number][None]
        attention = layer.attention.output.dense(layer.attention.self(before)[0])
        between = layer.attention.output.LayerNorm(before + attention)
        feeds = layer.output.dense(layer.intermediate(between))
        check(moves, number, [before, between, layer.output.LayerNorm(between + feeds)], [attention, feeds])


@torch.inference_mode()
@pytest.mark.parametrize(
    ("kind", "layers", "attention", "feeds"),
    [
        ("gpt2", "h", "attn", "mlp"),
        ("llama", "layers", "self_attn", "mlp"),
        ("modernbert", "layers", "attn", "mlp"),
        ("qwen2", "layers", "self_attn", "mlp"),
    ],
)
def test_parts_are_what_whole_modules_add(kind: str, layers: str, attention: str, feeds: str, tmp_path: Path) -> None:
    """Where what goes in is normed, a stream is a sum of all that came before it."""
    model = made(kind, tmp_path)
    given: list[torch.Tensor] = []

    def note(_module: Any, _inputs: Any, result: Any) -> None:
        given.append(result if isinstance(result, torch.Tensor) else result[0])

    for layer in model.get_submodule(layers):
        for name in (attention, feeds):
            layer.get_submodule(name).register_forward_hook(note)
    states, moves = states_of(model), asked(tmp_path, PartMoves(IDS))
    for number in range(3):
        before, parts = states[number][None], given[2 * number : 2 * number + 2]
        check(moves, number, [before, before + parts[0], before + parts[0] + parts[1]], parts)


def check(moves: Moves, layer: int, streams: list[torch.Tensor], parts: list[torch.Tensor]) -> None:
    for part in range(2):
        before, after = streams[part : part + 2]
        assert moves.stream[layer, part] == pytest.approx(before[0].norm(dim=-1).numpy(), rel=1e-4)
        assert moves.added[layer, part] == pytest.approx(parts[part][0].norm(dim=-1).numpy(), rel=1e-4)
        cosines = cosine_similarity(before, after, dim=-1)[0]
        assert moves.cosines[layer, part] == pytest.approx(cosines.numpy(), abs=1e-4)


def test_an_opt_that_norms_each_sum_is_told_from_one_that_does_not(tmp_path: Path) -> None:
    """As the one of 350 million weights does."""
    model = made("opt", tmp_path, do_layer_norm_before=False)
    moves, states = asked(tmp_path, PartMoves(IDS)), states_of(model)
    assert moves.normed
    for layer in range(3):
        assert moves.stream[layer, 0] == pytest.approx(states[layer].norm(dim=-1).numpy(), rel=1e-4)


def test_a_pair_knows_its_second_text(tmp_path: Path) -> None:
    model = made("bert", tmp_path)
    moves = asked(tmp_path, PartMoves(TextPair(IDS, 4)))
    states = states_of(model, token_type_ids=torch.tensor([[0] * 4 + [1] * 3]))
    assert moves.stream[0, 0] == pytest.approx(states[0].norm(dim=-1).numpy(), rel=1e-4)


def test_sums_that_are_others_are_refused(tmp_path: Path) -> None:
    """Such as those of a layer that doubles what it gives."""
    model = made("gpt2", tmp_path)
    model.h[1].register_forward_hook(
        lambda _module, _inputs, result: 2 * result if isinstance(result, torch.Tensor) else (2 * result[0],)
    )
    with pytest.raises(BadInput, match="not known where the parts"):
        part_moves(model, lambda: model(torch.tensor([IDS])))
