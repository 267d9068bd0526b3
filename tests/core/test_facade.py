"""The core as a library: what goes in, what comes out, what is refused."""

from __future__ import annotations

import asyncio
import inspect
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from transformers import AutoModel, AutoTokenizer, BertModel, pipeline

from core import BlockingCore, Core, CoreSettings
from core.commands import COMMANDS, Command
from core.errors import (
    BadInput,
    Closed,
    CoreError,
    DeviceFailed,
    Expired,
    ModelUnavailable,
    OutOfService,
    TimedOut,
    TooLong,
)
from core.models.config_file import no_tokenizer
from core.reading.validation import MAX_CHARACTERS, MAX_CHARACTERS_IN_WINDOWS
from core.render import HeadView, SentimentBars, TokenStrip, UnmaskBars
from core.results import Drawing, Score, Table
from core.serving.runners import Job
from core.serving.tenants import Member
from core.tasks import TASKS
from tests import tiny
from tests.stress.imagined import ImaginedDevice

TEXT = "The cat sat on the mat because it was tired."


def oracle(task: Any, folder: Path) -> Any:
    return pipeline(task, model=str(folder), dtype=torch.float32, device="cpu")


async def test_sentiment(core: Core, models: Path) -> None:
    result = await core.sentiment(TEXT)
    expected = oracle("text-classification", models / "bert-classifier")(TEXT, top_k=None)
    assert [score.label for score in result.scores] == [one["label"] for one in expected]
    assert [score.value for score in result.scores] == pytest.approx([one["score"] for one in expected], abs=1e-5)
    assert (result.source.text, result.source.model.name) == (TEXT, "bert-classifier")
    assert not result.source.model.bundled


@pytest.mark.parametrize("mask", ["[MASK]", "<mask>", "____"])
async def test_unmask(core: Core, models: Path, mask: str) -> None:
    result = await core.unmask(f"The {mask} sat on the {mask}.", top=3)
    expected = oracle("fill-mask", models / "bert-masked-lm")("The [MASK] sat on the [MASK].", top_k=3)
    assert result.source.text == "The [MASK] sat on the [MASK]."
    for candidates, answers in zip(result.masks, expected, strict=True):
        assert [(one.id, one.word, one.sentence) for one in candidates] == [
            (one["token"], one["token_str"], one["sequence"]) for one in answers
        ]
        assert [one.probability for one in candidates] == pytest.approx([one["score"] for one in answers], abs=1e-5)


async def test_the_device_is_named_as_the_settings_do_until_it_says_what_it_is(settings: CoreSettings) -> None:
    async with Core.open(replace(settings, device="auto")) as core:
        assert core.devices() == "auto"
        await core.sentiment(TEXT)
        assert core.devices() == (torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu")


async def test_five_words_by_default(core: Core) -> None:
    ((candidates),) = (await core.unmask("The ___.")).masks
    assert len(candidates) == 5


async def test_tokens(core: Core, models: Path) -> None:
    result = await core.tokens(TEXT)
    assert result.ids == AutoTokenizer.from_pretrained(models / "bert-masked-lm")(TEXT)["input_ids"]
    assert [TEXT[token.start : token.end].lower() for token in result.tokens[1:4]] == ["the", "cat", "sat"]


async def test_tokens_have_no_limit_but_that_of_the_text(core: Core) -> None:
    assert len((await core.tokens("z " * 1000)).tokens) == 1002


async def test_attention(core: Core, models: Path) -> None:
    result = await core.attention(TEXT)
    model = AutoModel.from_pretrained(models / "bert-masked-lm", attn_implementation="eager").eval()
    with torch.inference_mode():
        expected = torch.stack(model(torch.tensor([result.source.ids]), output_attentions=True).attentions)[:, 0]
    assert result.weights == pytest.approx(expected.numpy(), abs=1e-3)
    assert (result.weights.dtype, result.layers, result.heads) == (np.float16, 3, 2)
    assert not result.causal


async def test_a_causal_model_is_known_by_what_it_does(settings: CoreSettings, models: Path) -> None:
    async with Core.open(replace(settings, attention_model=str(models / "gpt2"))) as core:
        assert (await core.attention(TEXT)).causal
        single = await core.attention("z")
        assert (len(single.source.tokens), single.causal) == (1, False)  # nothing to tell by, nothing to hide


async def test_another_family_for_every_command(settings: CoreSettings, models: Path) -> None:
    others = {"sentiment_model": "distilbert-classifier", "unmask_model": "roberta-masked-lm", "tokens_model": "gpt2"}
    others["attention_model"] = "distilbert-masked-lm"
    async with Core.open(replace(settings, **{key: str(models / name) for key, name in others.items()})) as core:
        await core.warm_up()
        assert {score.label for score in (await core.sentiment(TEXT)).scores} == {"A", "B", "C"}
        assert (await core.unmask("The [MASK] sat.")).source.text == "The <mask> sat."
        assert not any(token.special for token in (await core.tokens(TEXT)).tokens)
        assert (await core.attention(TEXT)).heads == 4


async def test_many_at_once_get_each_their_own(core: Core) -> None:
    texts = [f"{word} " * (1 + number % 7) for number, word in enumerate(tiny.WORDS)]
    alone = {text: ((await core.sentiment(text)).scores, (await core.attention(text)).weights) for text in texts}
    asked = [core.sentiment(text, tenant=number % 3) for number, text in enumerate(texts)]
    looked = [core.attention(text, tenant=number % 3) for number, text in enumerate(texts)]
    moods = await asyncio.gather(*asked)
    maps = await asyncio.gather(*looked)
    for text, mood, looks in zip(texts, moods, maps, strict=True):
        scores, weights = alone[text]
        assert mood.source.text == looks.source.text == text
        assert {score.label: score.value for score in mood.scores} == pytest.approx(
            {score.label: score.value for score in scores}, abs=1e-5
        )
        assert looks.weights == pytest.approx(weights, abs=1e-3)


# Refusals


@pytest.mark.parametrize("command", COMMANDS)
async def test_what_no_command_takes(core: Core, command: Command) -> None:
    ask = getattr(core, command)
    most = MAX_CHARACTERS_IN_WINDOWS if command == "sentiment" else MAX_CHARACTERS
    for text, sentence in (("", "empty"), (" \n\u3000", "empty"), ("z" * (most + 1), f"{most + 1:,} characters")):
        with pytest.raises(BadInput, match=sentence):
            await ask(text)
        with pytest.raises(BadInput, match=sentence):
            core.check(command, text)


TEXTS = ("text", "template", "before")
"""What a text to ask about is called."""


def asking_with_a_text() -> list[str]:
    """Every question whose first parameter is a text."""
    signatures = {name: inspect.signature(one) for name, one in vars(BlockingCore).items() if inspect.isfunction(one)}
    return [name for name, found in signatures.items() if [*found.parameters][1:2] and [*found.parameters][1] in TEXTS]


@pytest.mark.parametrize("method", asking_with_a_text())
async def test_what_is_no_text_is_refused_by_its_type(core: Core, method: str) -> None:
    takes, model = inspect.signature(getattr(core, method)).parameters, "bundled/gpt2"
    more: dict[str, Any] = {"layer": 1, "head": 1, "position": 0, "other": model, "others": model, "after": "b"}
    for text in (["a", "b"], b"a", None, float("nan")):
        with pytest.raises(BadInput, match=f"A text is a `str`, and that is a `{type(text).__name__}`"):
            await getattr(core, method)(text, **{name: value for name, value in more.items() if name in takes})


async def test_a_core_that_was_not_opened_says_how_to_open_one(settings: CoreSettings) -> None:
    for chosen in (None, settings):
        with pytest.raises(TypeError, match=r"`async with Core\.open\(settings\) as core:`"):
            Core(chosen)


@pytest.mark.parametrize("command", ["unmask", "attention"])
async def test_too_many_tokens(core: Core, command: Command) -> None:
    text = "[MASK] " + "z " * tiny.LONGEST
    with pytest.raises(TooLong, match=f"{tiny.LONGEST + 3} tokens long and at most {tiny.LONGEST} are read here"):
        await getattr(core, command)(text)
    with pytest.raises(TooLong):  # the tokenizer is loaded by now
        core.check(command, text)


async def test_an_attention_map_stays_legible(tmp_path: Path, settings: CoreSettings) -> None:
    config = tiny.bert()
    config.max_position_embeddings = 512
    tiny.save(tmp_path / "longer", BertModel(config), tiny.word_piece())
    async with Core.open(replace(settings, attention_model=str(tmp_path / "longer"))) as other:
        assert (await other.attention("z " * 200)).weights.shape[-1] == 202
        with pytest.raises(TooLong, match="302 tokens long and at most 256 are read here"):
            await other.attention("z " * 300)


@pytest.mark.parametrize("top", [0, -1, 21])
async def test_the_number_of_words(core: Core, top: int) -> None:
    with pytest.raises(BadInput, match="from 1 to 20"):
        await core.unmask("The ___.", top=top)


async def test_a_text_without_a_mask(core: Core) -> None:
    with pytest.raises(BadInput, match="no mask"):
        await core.unmask(TEXT)
    with pytest.raises(BadInput, match="no mask"):
        core.check("unmask", TEXT)
    core.check("sentiment", TEXT)


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_check_needs_nothing_loaded(settings: CoreSettings, command: Command) -> None:
    async with Core.open(settings) as core:
        core.check(command, "The [MASK] " + "z " * 100)  # what costs nothing is all that is looked at
        with pytest.raises(BadInput):
            core.check(command, "")


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=30))
async def test_any_text_is_answered_or_refused_with_a_sentence(core: Core, text: str) -> None:
    refused: list[str] = []
    for ask in (core.tokens, core.sentiment, core.attention):
        try:
            result = await ask(text)
        except CoreError as refusal:
            refused.append(str(refusal))
        else:
            source = getattr(result, "source", result)
            assert source.text.encode()
            assert source.tokens
    assert all(sentence.endswith(".") for sentence in refused)


async def test_half_surrogates_do_no_harm(core: Core) -> None:
    assert (await core.sentiment("cat \ud83d")).source.text == "cat \ufffd"
    assert (await core.unmask("\udc00 ___")).source.text == "\ufffd [MASK]"
    with pytest.raises(BadInput):
        await core.unmask("The ___.", compare="\ud83d")


async def test_models_that_cannot_do_it(settings: CoreSettings, models: Path) -> None:
    wrong = replace(
        settings, sentiment_model=str(models / "bert-masked-lm"), unmask_model=str(models / "bert-classifier")
    )
    async with Core.open(wrong) as core:
        with pytest.raises(ModelUnavailable, match="bert-masked-lm does not fit /sentiment"):
            await core.sentiment(TEXT)
        with pytest.raises(ModelUnavailable, match="bert-classifier has no language-model head"):
            await core.unmask("The ___.")
        with pytest.raises(ModelUnavailable):
            await core.warm_up()
        assert await core.tokens(TEXT)  # the others go on


async def test_a_model_that_is_not_there(settings: CoreSettings) -> None:
    before = at_work()
    with pytest.raises(ModelUnavailable, match="neither a folder nor a Hub id"):
        async with Core.open(replace(settings, tokens_model="nowhere")):
            pass
    assert at_work() == before


def at_work() -> set[threading.Thread]:
    """The threads of all cores."""
    return {thread for thread in threading.enumerate() if thread.name.startswith(("device", "drawing"))}


# Pictures, results kept, the end


@dataclass
class Spy:
    """A view that tells in which thread it is drawn."""

    thread: str = ""

    def draw(self) -> Drawing:
        self.thread = threading.current_thread().name
        return Drawing(b"", "", 1, 1)

    def table(self) -> Table:
        return Table((), ())


async def test_pictures_of_every_result(core: Core) -> None:
    views = (
        SentimentBars(await core.sentiment(TEXT)),
        UnmaskBars(await core.unmask("The ___ sat.")),
        TokenStrip(await core.tokens(TEXT)),
        HeadView(await core.attention(TEXT), 1, None),
    )
    for view in views:
        drawing = await core.draw(view)
        assert drawing.png.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", drawing.png[16:24]) == (drawing.width, drawing.height)
        assert 20 < len(drawing.alt) <= 1024
        assert view.table().rows


async def test_pictures_are_drawn_off_the_event_loop(core: Core) -> None:
    spy = Spy()
    await core.draw(spy)
    assert spy.thread.startswith("drawing")


async def test_results_are_kept_within_bounds(settings: CoreSettings) -> None:
    async with Core.open(replace(settings, keep_mib=1)) as core:
        result = await core.attention("z " * 46)
        key = core.keep(result)
        assert core.recall(key) is result
        for _ in range(100):
            core.keep(await core.attention("z " * 46))
        with pytest.raises(Expired):
            core.recall(key)


async def test_how_busy_it_is(core: Core) -> None:
    now = core.snapshot()
    assert (now.queued, now.tokens, now.busy, now.devices, now.down) == (0, 0, 0, 1, 0)


class Held:
    """A task that lasts until it is let go."""

    def __init__(self) -> None:
        self.running, self.go = threading.Event(), threading.Event()

    def run(self, payloads: Sequence[Any]) -> Sequence[Any]:
        self.running.set()
        assert self.go.wait(30)
        return [[("GOOD", 1.0)] for _ in payloads]


async def test_the_end(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setitem(TASKS, "sentiment", lambda folder, device: held)
    before = at_work()
    async with Core.open(settings) as core:
        last = asyncio.create_task(core.sentiment(TEXT))
        await asyncio.to_thread(held.running.wait, 30)
        asyncio.get_running_loop().call_later(0.1, held.go.set)
    assert (await last).scores == (Score("GOOD", 1.0),)  # what was running is finished
    with pytest.raises(Closed):
        await core.sentiment("the cat")
    assert at_work() == before


class Late(ImaginedDevice):
    """A device that has to be waited for."""

    def __init__(self) -> None:
        super().__init__(["word"], 1)
        self.ready = threading.Event()

    def run(self, key: Job, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        assert self.ready.wait(60)
        return super().run(key, payloads)


async def test_a_start_may_take_longer_than_a_request(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    device, told = Late(), list[str]()

    def tell(sentence: str) -> None:
        told.append(sentence)
        device.ready.set()

    monkeypatch.setattr("core.facade.logger.warning", tell)
    monkeypatch.setattr("core.asking.service.READING_TIMEOUT", 0.5)
    async with Core.open(replace(settings, timeout=0.5), [device]) as core:
        await core.warm_up()
    assert set(told) == {"The models are still being loaded."}


async def test_a_start_does_not_take_for_ever(settings: CoreSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.facade.TRIES", 2)
    monkeypatch.setattr("core.asking.service.READING_TIMEOUT", 0.1)
    device = Late()
    async with Core.open(replace(settings, timeout=0.1), [device]) as core:
        with pytest.raises(DeviceFailed):
            await core.warm_up()
        device.ready.set()


async def test_models_in_a_child_process(settings: CoreSettings, core: Core) -> None:
    async with Core.open(replace(settings, runner="process")) as child:
        theirs, ours = await child.attention(TEXT), await core.attention(TEXT)
        assert theirs.weights == pytest.approx(ours.weights, abs=1e-3)
        assert (await child.sentiment(TEXT)).scores[0].label == (await core.sentiment(TEXT)).scores[0].label
        with pytest.raises(TooLong):
            await child.attention("z " * 60)


class Refusing(ImaginedDevice):
    """A device that counts how often it is to read a tokenizer, and fails at that."""

    def __init__(self, error: CoreError) -> None:
        super().__init__(["word"], 1)
        self.error, self.reads = error, 0

    def run(self, key: Job, payloads: Sequence[Any], expected: float = 0.0) -> Sequence[Any]:
        self.reads += len(payloads)
        return [self.error for _ in payloads]


UNREADABLE = ModelUnavailable("It cannot be read: choose another.")


@pytest.mark.parametrize(
    ("error", "sentence", "reads"),
    [
        (UNREADABLE, str(UNREADABLE), 1),
        (DeviceFailed(), str(no_tokenizer("bert-masked-lm")), 1),  # which would befall the next device
        (OutOfService(), str(OutOfService()), 2),
        (TimedOut(), str(TimedOut()), 2),
    ],
)
async def test_a_tokenizer_that_cannot_be_read_is_read_once_for_all_who_ask(
    settings: CoreSettings, error: CoreError, sentence: str, reads: int
) -> None:
    device = Refusing(error)
    async with Core.open(settings, [device]) as core:
        asked = (core.tokens(f"the cat {number}", tenant=number) for number in range(5))
        refused = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(one) for one in refused] == [sentence] * 5 and device.reads == 1
        with pytest.raises(CoreError) as last:
            await core.tokens("the dog")
    assert str(last.value) == sentence
    assert device.reads == reads  # what can go well the next time is tried again


async def test_people_of_a_server_who_ask_the_same_are_one_request(core: Core) -> None:
    before = requests(core)
    await asyncio.gather(*(core.attention("the same from both", tenant=Member("server", who)) for who in range(9)))
    assert requests(core) == before + 1


def requests(core: Core) -> int:
    """How many were settled, one way or another."""
    return core.metrics.requests.total()


async def test_the_same_question_is_worked_out_once(core: Core) -> None:
    text = "the cat was tired of questions"
    first, second = await asyncio.gather(core.attention(text, tenant=1), core.attention(text, tenant=2))
    third = await core.attention(text)
    assert first.weights is second.weights is third.weights
    assert (await core.attention(f"{text} .")).weights is not first.weights


async def test_nobody_can_change_what_the_next_one_is_answered_with(core: Core) -> None:
    found = await core.attention(TEXT)
    assert found.norms
    for array in (found.weights, found.norms.heads, found.norms.layers):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0
    found.to_numpy()[:] = 0
    assert np.array_equal((await core.attention(TEXT)).weights, found.weights)
