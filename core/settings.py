"""How a core is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreSettings:
    """Which models answer, on which device, and how much may wait.

    Attributes:
        sentiment_model: A Hub id, ``id@revision``, ``bundled/NAME``, or a folder in the Hugging Face layout.
        unmask_model: The masked language model.
        write_model: The causal language model that goes on with a text.
        tokens_model: Whose tokenizer `/tokens` shows.
        attention_model: Whose attention is drawn.
        allowed_models: Further models that may be asked for by name, each written like the ones above.
        device: ``auto`` (CUDA where there is one, else the CPU), or a torch device such as ``cpu`` or ``cuda:1``;
            several, separated by commas, work side by side.
        runner: ``thread`` runs models in this process, ``process`` in a child process for each device, ``ray`` in the
            replicas of a Ray cluster, which Ray gives devices.
        ray_address: The cluster to join, such as ``auto``; empty starts one on this computer, for this process alone.
        replicas: How many replicas there are at least and at most.
        gpus: GPUs for each replica, perhaps a part of one; without any it works on the CPU.
        precision: What models compute in. ``auto`` is int8 or half precision for a large model on a CPU, and float16 on
            a GPU, where a model's decisions stay the same, else float32; ``bfloat16``, ``int8`` and ``float16`` where
            the device has it, and ``int8`` where it leaves 99 % of decisions. Attention maps are always float32.
        threads: CPU threads that a device may use; 0 shares the cores out between the devices.
        timeout: Seconds after which a request is given up.
        queue_tokens: The most tokens that may wait; more is refused.
        batch_tokens: The most padded tokens in one batch.
        models_mib: MiB of memory that the models of one device may take together.
        repeats_mib: MiB of answers that are kept for a few minutes for whoever asks the same.
        keep_mib: MiB of results that are kept for the controls of earlier answers.
        hub_token: Opens gated and private models of the Hub; empty for the one that the Hub's own login keeps.
    """

    sentiment_model: str = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    unmask_model: str = "google-bert/bert-base-uncased"
    write_model: str = "bundled/gpt-mini"
    tokens_model: str = "google-bert/bert-base-cased"
    attention_model: str = "google-bert/bert-base-uncased"
    allowed_models: tuple[str, ...] = ()
    device: str = "auto"
    runner: Literal["thread", "process", "ray"] = "thread"
    ray_address: str = ""
    replicas: tuple[int, int] = (1, 1)
    gpus: float = 0.0
    precision: Literal["auto", "float32", "bfloat16", "int8", "float16"] = "auto"
    threads: int = 0
    timeout: float = 60.0
    queue_tokens: int = 32_768
    batch_tokens: int = 4096
    models_mib: int = 4096
    repeats_mib: int = 16
    keep_mib: int = 64
    hub_token: str = field(default="", repr=False)

    @classmethod
    def bundled(cls, *, runner: Literal["thread", "process", "ray"] = "thread") -> Self:
        """The small models, and the vocabulary of bert-base-cased, that come with this project: no network needed."""
        return cls(
            sentiment_model="bundled/minilm",
            unmask_model="bundled/bert-mini",
            tokens_model="bundled/bert-base-cased",
            attention_model="bundled/minilm",
            runner=runner,
        )
