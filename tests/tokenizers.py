"""Tokenizers of every kind that models come with, with vocabularies of a few hundred entries."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import GemmaTokenizer, LlamaTokenizer, RobertaTokenizer, T5Tokenizer, XLMRobertaTokenizer

from core.errors import CoreError
from core.questions import TokenizerFiles
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import ModelInfo
from core.tasks.tokenizer import TokenizerTask
from tests import tiny

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def load(folder: Path, info: ModelInfo = ModelInfo("tiny")) -> ModelTokenizer:  # noqa: B008 - it is frozen
    """The tokenizer of a folder, as a service gets it: read on the device's side first."""
    (read,) = TokenizerTask("", "cpu").run([TokenizerFiles(str(folder), info.name)])
    if isinstance(read, CoreError):
        raise read
    return ModelTokenizer.load(info, folder, read)


def roberta(folder: Path) -> None:
    """Byte-level BPE whose post-processor trims offsets and puts two separators between the texts of a pair."""
    trained = json.loads(tiny.byte_level(None, mask_token="<mask>").backend_tokenizer.to_str())["model"]
    made = RobertaTokenizer(vocab=trained["vocab"], merges=[tuple(merge) for merge in trained["merges"]])
    _save(made, folder, "roberta")


def llama(folder: Path) -> None:
    """SentencePiece's BPE as transformers rebuilds it: a pre-tokenizer that splits nothing, bytes for the unknown."""
    made = LlamaTokenizer(**_sentencepiece_bpe("<unk>", "<s>", "</s>"), add_bos_token=True)
    _save(made, folder, "llama")


def mistral(folder: Path) -> None:
    """The same as files on the Hub have it: no pre-tokenizer, and a normaliser that writes ▁ for spaces."""
    parts = _sentencepiece_bpe("<unk>", "<s>", "</s>")
    made = Tokenizer(models.BPE(**parts, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    made.add_special_tokens(["<unk>", "<s>", "</s>"])
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    tiny.write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "add_bos_token": True},
    )
    tiny.write_json(folder / "config.json", {"model_type": "mistral"})


def gemma(folder: Path) -> None:
    """No ▁ before the first word, and whole runs of spaces as pieces."""
    made = GemmaTokenizer(**_sentencepiece_bpe("<pad>", "<eos>", "<bos>", "<unk>", "<mask>"), add_bos_token=True)
    _save(made, folder, "gemma")


def xlm_roberta(folder: Path) -> None:
    """Unigram: what it lacks is ``<unk>``, and ½ becomes three characters."""
    _save(XLMRobertaTokenizer(vocab=_unigram("<s>", "<pad>", "</s>", "<unk>", "<mask>")), folder, "xlm-roberta")
    path = folder / "tokenizer.json"
    told = json.loads(path.read_text())
    told["normalizer"] = {"type": "NFKC"}  # what its table of characters does to ½
    tiny.write_json(path, told)
    tiny.write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


def t5(folder: Path) -> None:
    """Unigram with nothing at the start of a text."""
    _save(T5Tokenizer(vocab=_unigram("<pad>", "</s>", "<unk>"), extra_ids=0), folder, "t5")


def bert(folder: Path, **options: Any) -> None:
    """What transformers saved for an uncased model, and options beside it that say otherwise."""
    _save(tiny.word_piece(), folder, "bert")
    path = folder / "tokenizer_config.json"
    tiny.write_json(path, {**json.loads(path.read_text()), **options})


KINDS: dict[str, Callable[[Path], None]] = {
    "bert": bert,
    "bert, cased by an option": partial(bert, do_lower_case=False),
    "bert, accents kept by an option": partial(bert, strip_accents=False),
    "roberta": roberta,
    "llama": llama,
    "mistral": mistral,
    "gemma": gemma,
    "xlm-roberta": xlm_roberta,
    "t5": t5,
}
WITHOUT_WORDS = ("llama", "mistral", "gemma")
"""Those whose pre-tokenizer leaves a text whole."""


def _save(made: Any, folder: Path, family: str) -> None:
    made.save_pretrained(folder)
    tiny.write_json(folder / "config.json", {"model_type": family})


def _sentencepiece_bpe(*special: str) -> dict[str, Any]:
    """Vocabulary and merges of a BPE over text in which ▁ stands for spaces, with the 256 bytes behind `special`."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=[*special, *BYTES], show_progress=False)
    trained.train_from_iterator([*tiny.SENTENCES, tiny.LETTERS], trainer)
    told = json.loads(trained.to_str())["model"]
    return {"vocab": told["vocab"], "merges": [tuple(merge) for merge in told["merges"]]}


def _unigram(*special: str) -> list[tuple[str, float]]:
    pieces = [*"▁⁄.,!", *tiny.LETTERS, *tiny.WORDS, *(f"▁{word}" for word in tiny.WORDS)]
    return [(piece, 0.0) for piece in special] + [
        (piece, -1.0 - n / 50) for n, piece in enumerate(dict.fromkeys(pieces))
    ]
