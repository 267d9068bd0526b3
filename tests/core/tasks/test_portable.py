"""What a device answers can be read by a process that has no torch: it names nothing whose import would load that."""

from __future__ import annotations

import pickle
import pickletools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import questions
from core.lab import Exercise
from core.questions import Continuation, CrossAttention, SerialisedTokenizer, TextPair, TokenizerFiles, WeightSources
from core.serving.runners import Job
from core.serving.runners.device import DeviceRunner
from core.serving.runners.serialisation import pack_outcome
from tests.core.tasks.questions import IDS, QUESTIONS

HEAVY = ("core.tasks", "core.attention", "core.positions", "torch", "transformers")

EVERY = [
    *QUESTIONS,
    ("causal", "gpt2", [Continuation(IDS, (), 3, 20, True, 1.0, 0, 1.0, 0)]),
    ("attention", "bert-masked-lm", [WeightSources(IDS, "", 0, 0, 2), WeightSources(TextPair(IDS, 4), "", 0, 0, 2)]),
    ("across", "bart", [WeightSources(CrossAttention(IDS, (71, 62, 3), 5), "cross", 0, 0, 1)]),
    ("tokenizer", "bert-classifier", [TokenizerFiles("bert-classifier", "a model")]),
    ("lab", "bert-classifier", [Exercise(), Exercise(against="additive"), Exercise(encodings=True)]),
]


def modules_of(pickled: bytes) -> set[str]:
    """The modules that are imported where it is read."""
    strings, found = list[str](), set[str]()
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name == "STACK_GLOBAL":
            found.add(strings[-2])
        elif "UNICODE" in opcode.name:
            strings.append(argument)
        elif opcode.name == "GLOBAL":
            found.add(argument.split()[0])
    return found


def test_every_question_is_among_them() -> None:
    asked = {type(payload) for *_, payloads in EVERY for payload in payloads}
    assert {getattr(questions, name) for name in questions.__all__} - asked == {SerialisedTokenizer}  # is an answer


@pytest.mark.parametrize(("task", "model", "payloads"), EVERY)
def test_no_answer_loads_torch_where_it_is_read(task: str, model: str, payloads: list[Any], models: Path) -> None:
    payloads = [
        replace(one, folder=str(models / model)) if isinstance(one, TokenizerFiles) else one for one in payloads
    ]
    runner = DeviceRunner("cpu", 1)
    answers = runner.run(Job(task, str(models / model)), payloads)
    for answer in answers:
        found = modules_of(pack_outcome([answer], runner))
        assert not [name for name in found if name.startswith(HEAVY)]


def test_what_is_imported_is_found() -> None:
    assert modules_of(pickle.dumps([Path("a"), Job("a", "b"), Job("a", "c")])) >= {"core.serving.runners"}
