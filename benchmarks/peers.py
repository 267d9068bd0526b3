"""What a host might run a model on instead: ONNX Runtime and OpenVINO, each at its best plain set-up.

One session with all cores, a Rust tokenizer, and greedy batches as text-embeddings-inference and infinity make them:
whatever waits when the session is free, sorted by length, in parts of at most 32 texts and 2,048 padded tokens. They
need the extra ``peers``; what is not installed is left out, with the reason.
"""

from __future__ import annotations

import asyncio
import importlib
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Encoding, Tokenizer
from transformers import AutoModelForSequenceClassification

MOST_TEXTS, MOST_TOKENS = 32, 2048
"""In a batch; the tokens with their padding."""

Ids = npt.NDArray[np.int64]
Forward = Callable[[Ids, Ids], npt.NDArray[np.float32]]
"""Logits of token ids and an attention mask."""


class Peer:
    """An engine behind a greedy batcher, on the event loop of whoever asks.

    Args:
        folder: The model, for its tokenizer and labels.
        forward: The engine.
        labels: What its columns are called.
    """

    def __init__(self, folder: Path, forward: Forward, labels: Sequence[str]) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._forward, self._labels = forward, labels
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="peer")
        self._waiting: list[tuple[str, asyncio.Future[Any]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, text: str) -> Any:
        """The labels of a text with their probabilities, the most probable first."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((text, future))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await future

    def close(self) -> None:
        """Let go of its thread."""
        self._thread.shutdown()

    async def _serve(self) -> None:
        """Run whatever waits, until nothing does."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            texts, futures = zip(*batch, strict=True)
            encoded = await self._run(self._tokenizer.encode_batch, list(texts))
            for part in parts([len(one) for one in encoded]):
                answers = await self._run(self._answers, [encoded[number] for number in part])
                for number, answer in zip(part, answers, strict=True):
                    futures[number].set_result(answer)

    def _run(self, work: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _answers(self, encoded: Sequence[Encoding]) -> list[list[tuple[str, float]]]:
        longest = max(map(len, encoded))
        ids, mask = (np.zeros((len(encoded), longest), np.int64) for _ in range(2))
        for row, one in enumerate(encoded):
            ids[row, : len(one)], mask[row, : len(one)] = one.ids, 1
        logits = self._forward(ids, mask).astype(np.float64)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        ranked = [zip(self._labels, row.tolist(), strict=True) for row in chances]
        return [sorted(pairs, key=lambda pair: -pair[1]) for pairs in ranked]


def parts(sizes: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of texts of these sizes, shortest first, in parts of at most `MOST_TEXTS` and `MOST_TOKENS`."""
    part: list[int] = []
    for number in sorted(range(len(sizes)), key=sizes.__getitem__):
        if part and (len(part) == MOST_TEXTS or sizes[number] * (len(part) + 1) > MOST_TOKENS):
            yield part
            part = []
        part.append(number)
    yield part


def peers(folder: Path, threads: int) -> dict[str, Peer]:
    """Every engine that is installed, by what it is called in a table; of the others it is told why not."""
    model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
    labels = [model.config.id2label[number] for number in range(model.config.num_labels)]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "model.onnx"
        engines: dict[str, Callable[[], Forward]] = {
            "(e) ONNX Runtime, fused, float32": lambda: fused(model, file, threads),
            "(e) ONNX Runtime, int8": lambda: quantised(model, file, threads),
            "(f) OpenVINO, float32": lambda: openvino(model, "f32", threads),
            "(f) OpenVINO, bfloat16": lambda: openvino(model, "bf16", threads),
        }
        found: dict[str, Peer] = {}
        for name, make in engines.items():
            try:
                with warnings.catch_warnings(action="ignore"):  # of exporters, about what they do themselves
                    found[name] = Peer(folder, make(), labels)
            except ImportError as error:
                print(f"{name} is left out: {error.name} is not installed (pip install 'attention-bot[peers]')")
        return found


def fused(model: Any, file: Path, threads: int) -> Forward:
    """ONNX Runtime with its own fusions for BERT."""
    optimizer: Any = importlib.import_module("onnxruntime.transformers.optimizer")
    config, smaller = model.config, file.with_name("fused.onnx")
    made = optimizer.optimize_model(
        str(exported(model, file)), "bert", num_heads=config.num_attention_heads, hidden_size=config.hidden_size
    )
    made.save_model_to_file(str(smaller))
    return session(smaller, threads)


def quantised(model: Any, file: Path, threads: int) -> Forward:
    """ONNX Runtime with int8 weights of each channel, and activations quantised as they come."""
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    smaller = file.with_name("int8.onnx")
    quantization.quantize_dynamic(str(exported(model, file)), str(smaller), per_channel=True)
    return session(smaller, threads)


def exported(model: Any, file: Path) -> Path:
    """The model as an ONNX graph for batches of any shape."""
    for needed in ("onnx", "onnxscript"):
        importlib.import_module(needed)
    if not file.exists():
        two = torch.ones(2, 8, dtype=torch.long)
        names, any_shape = ("input_ids", "attention_mask"), {0: "texts", 1: "tokens"}
        torch.onnx.export(
            model,
            (two, two),
            str(file),
            input_names=[*names],
            output_names=["logits"],
            dynamic_axes=dict.fromkeys(names, any_shape),
            dynamo=False,
        )
    return file


def session(file: Path, threads: int) -> Forward:
    """An ONNX graph in one session."""
    onnxruntime: Any = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    run = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"]).run
    return lambda ids, mask: run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


def openvino(model: Any, precision: str, threads: int) -> Forward:
    """OpenVINO, straight from the model."""
    library: Any = importlib.import_module("openvino")
    two = torch.ones(2, 8, dtype=torch.long)
    shape = library.PartialShape([-1, -1])
    made = library.convert_model(
        model,
        example_input={"input_ids": two, "attention_mask": two},
        input=[("input_ids", shape), ("attention_mask", shape)],
    )
    options = {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
    }
    compiled = library.Core().compile_model(made, "CPU", options)
    return lambda ids, mask: compiled({"input_ids": ids, "attention_mask": mask})[0]
