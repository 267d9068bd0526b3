"""Folders of models as somebody hostile, or a broken disk, leaves them: each a harmless one with one thing changed.

What runs code would leave a file called `MARK` in its folder.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import random
import shutil
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from safetensors.torch import load_file, save_file

from tests.tiny import change_config, write_json

MARK = "this-ran"
MILLIONS = 5_000_000
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"

Change: TypeAlias = Callable[[Path], None]


def weights(**header: Any) -> bytes:
    """A file of weights that has nothing but a header."""
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def written(name: str, content: bytes) -> Change:
    """A file with other content."""
    return lambda folder: (folder / name).write_bytes(content) and None


def configured(**values: Any) -> Change:
    """Other values in the configuration."""
    return lambda folder: change_config(folder, **values)


def cutting(**parts: Any) -> Change:
    """Other parts of the tokenizer, kept as they are by its class."""

    def change(folder: Path) -> None:
        made = json.loads((folder / TOKENIZER).read_text())
        write_json(folder / TOKENIZER, {**made, **parts})
        write_json(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})

    return change


def numbers(value: float) -> Change:
    """One weight that is no number, in the last matrix of the first layer."""

    def change(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        name = next(name for name in sorted(tensors) if name.endswith("output.dense.weight"))
        tensors[name][0, 0] = value
        save_file(tensors, folder / WEIGHTS, {"format": "pt"})

    return change


def reshaped(folder: Path) -> None:
    """A matrix of another shape than the configuration says."""
    tensors = load_file(folder / WEIGHTS)
    name = next(name for name in sorted(tensors) if name.endswith("query.weight"))
    save_file({**tensors, name: torch.zeros(3, 3)}, folder / WEIGHTS, {"format": "pt"})


def many_tensors(folder: Path) -> None:
    """Two hundred thousand tensors of one number each."""
    header = {
        f"t{n}": {"dtype": "F32", "shape": [1], "data_offsets": [4 * n, 4 * n + 4]} for n in range(MILLIONS // 25)
    }
    (folder / WEIGHTS).write_bytes(weights(**header) + bytes(4 * len(header)))


def sparse(folder: Path) -> None:
    """A terabyte that takes no room on the disk."""
    with (folder / WEIGHTS).open("wb") as file:
        file.write(weights(t={"dtype": "F32", "shape": [1 << 38], "data_offsets": [0, 1 << 40]}))
        file.truncate(1 << 40)


def link_out(folder: Path) -> None:
    """Weights that are somebody else's file."""
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to("/etc/passwd")


class Runs:
    """Runs when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder / MARK),)


def pickled(folder: Path) -> None:
    """Weights that run code when they are read."""
    (folder / WEIGHTS).unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Runs(folder)))


def code(folder: Path) -> None:
    """A model, a configuration and a tokenizer of a class that comes with the folder."""
    (folder / "hostile.py").write_text(f"import os\nos.mkdir({str(folder / MARK)!r})\n")
    names = {"AutoConfig": "hostile.C", "AutoModel": "hostile.M", "AutoModelForSequenceClassification": "hostile.M"}
    change_config(folder, auto_map=names, model_type="hostile", architectures=["HostileForSequenceClassification"])
    write_json(folder / "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["hostile.T", "hostile.T"]}})


def gguf(folder: Path) -> None:
    """Weights in another format only."""
    (folder / WEIGHTS).unlink()
    (folder / "model.gguf").write_bytes(b"GGUF" + bytes(64))


def without(name: str) -> Change:
    """A file is missing."""
    return lambda folder: (folder / name).unlink()


def replace(pattern: str, content: str) -> dict[str, Any]:
    """A normaliser that replaces."""
    return {"type": "Replace", "pattern": {"String": pattern}, "content": content}


def in_turn(*normalizers: dict[str, Any]) -> dict[str, Any]:
    """Normalisers one after the other."""
    return {"type": "Sequence", "normalizers": [*normalizers]}


def charsmap(content: str) -> bytes:
    """A precompiled map of SentencePiece that writes a text for each ``c``.

    The units of its trie are those of ``src/doublearray`` in huggingface/spm_precompiled: label, 256 for a leaf that
    follows, and 1024 times the offset. The first is the root; from there ``c`` leads to the unit of its own number, and
    that one's leaf, which says where the text begins, is beside it.
    """
    units = [0] * 256
    units[ord("c")] = ord("c") | 256 | 1024
    trie = struct.pack("<256I", *units)
    return struct.pack("<I", len(trie)) + trie + content.encode() + b"\0"


def split_by(pattern: str) -> dict[str, Any]:
    """A pre-tokenizer that cuts where a regular expression fits."""
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


CLEANINGS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
CLEANED = {"type": "BertNormalizer", **dict.fromkeys(CLEANINGS, True)}
HALVED = {"type": "BPE", "vocab": {"[UNK]": 0, "z": 1, "é": 2}, "merges": [["z", "é"]], "unk_token": "[UNK]"}
"""A merge whose second piece, without a prefix that it does not have, begins in the middle of a character."""

BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
CLS = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}


def framed(count: int, *, pairs: bool = True) -> dict[str, Any]:
    """A post-processor that puts so many special tokens before a text, and perhaps before a pair, too."""
    ids = {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}
    one, other = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}
    single = [CLS] * count + [one]
    pair = [*(single if pairs else [one]), other]
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": ids}


def prefixed(folder: Path) -> None:
    """Pieces of words that begin with a million characters."""
    made = json.loads((folder / TOKENIZER).read_text())
    cutting(model={**made["model"], "continuing_subword_prefix": "#" * (MILLIONS // 5)})(folder)


def long_token(folder: Path) -> None:
    """A token of five million characters."""
    made = json.loads((folder / TOKENIZER).read_text())
    vocabulary = {("x" * MILLIONS if id == 9 else piece): id for piece, id in made["model"]["vocab"].items()}
    cutting(model={**made["model"], "vocab": vocabulary})(folder)


def branching(folder: Path) -> None:
    """Pieces that have nothing in common: the Rust library takes 320 bytes for each of their nine million letters."""
    letters = random.Random(0)
    pieces = ["".join(letters.choices("abcdefghij", k=9000)) for _ in range(1000)]
    vocabulary = [["[UNK]", 0.0], *([piece, -1.0] for piece in pieces)]
    cutting(model={"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": False})(folder)


def grown(name: str) -> Change:
    """A file of ten gigabytes, of which nearly all take no room on the disk."""
    return lambda folder: os.truncate(folder / name, 10 << 30)


def endless(name: str) -> Change:
    """A file that leads to a device without an end."""

    def change(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/zero")

    return change


def naming(name: str, said: Any) -> Change:
    """A file that names tokens beside the vocabulary."""
    return lambda folder: write_json(folder / name, said)


def added(folder: Path) -> None:
    """A tokenizer that adds many tokens to its vocabulary."""
    options = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    first = len(json.loads((folder / TOKENIZER).read_text())["model"]["vocab"])
    cutting(added_tokens=[{"id": first + n, "content": token, **options} for n, token in enumerate(MANY)])(folder)


MANY = [f"<token-{n}>" for n in range(120_000)]
"""More tokens than transformers adds to a vocabulary within minutes."""

NESTED = b"[" * 200_000
OUTSIDE: Mapping[str, tuple[Any, ...]] = {
    "vocab_size": ("many", -3, 1 << 70),
    "max_position_embeddings": ("512", [512], -9, 0.5),
    "num_hidden_layers": ("two", 10**9, {"a": 1}),
    "num_attention_heads": ("two", -1, 10**9),
    "id2label": (["NEGATIVE"], {"0": [7]}, {"first": "A"}, "POSITIVE"),
    "num_labels": ("2", -2),
    "architectures": ("BertForMaskedLM", [7], {"a": 1}),
    "model_type": (7, ["bert"]),
    "pad_token_id": ("[PAD]", -7),
    "is_encoder_decoder": ("no", 7),
    "problem_type": (7, ["regression"]),
    "dtype": (32, ["float32"]),
}
"""Values of `config.json` that cannot be."""

CHANGES: Mapping[str, Change] = {
    "weights-truncated": lambda folder: os.truncate(folder / WEIGHTS, 1000),
    "weights-empty": written(WEIGHTS, b""),
    "weights-header-too-long": written(WEIGHTS, struct.pack("<Q", 1 << 60) + b"{}"),
    "weights-header-no-json": written(WEIGHTS, struct.pack("<Q", 4) + b"oops"),
    "weights-beyond-the-end": written(WEIGHTS, weights(t={"dtype": "F32", "shape": [9], "data_offsets": [0, 36]})),
    "weights-overlapping": written(
        WEIGHTS, weights(**{n: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for n in "ab"}) + bytes(4)
    ),
    "weights-nested-header": written(WEIGHTS, struct.pack("<Q", len(NESTED)) + NESTED),
    "weights-many-tensors": many_tensors,
    "weights-sparse-terabyte": sparse,
    "weights-link-out": link_out,
    "weights-other-shape": reshaped,
    "weights-nan": numbers(float("nan")),
    "weights-infinite": numbers(float("inf")),
    "weights-pickle": pickled,
    "weights-gguf": gguf,
    "weights-missing": without(WEIGHTS),
    "code-of-its-own": code,
    "config-no-json": written("config.json", b"{"),
    "config-no-text": written("config.json", b"\xff\xfe\x00"),
    "config-nested": written("config.json", NESTED),
    "config-ten-gigabytes": grown("config.json"),
    "config-without-end": endless("config.json"),
    "config-a-list": written("config.json", b"[1, 2]"),
    "config-empty": written("config.json", b"{}"),
    "config-huge-matrices": configured(hidden_size=1 << 20, intermediate_size=1 << 24),
    "config-no-heads": configured(num_attention_heads=0),
    "config-other-family": configured(model_type="gpt2", architectures=["GPT2LMHeadModel"]),
    "config-unknown-family": configured(model_type="nobody-knows", architectures=["NobodyForMaskedLM"]),
    "options-no-json": written("tokenizer_config.json", b"nothing"),
    "options-limit-a-word": written("tokenizer_config.json", b'{"model_max_length": "many"}'),
    "options-limit-one": written("tokenizer_config.json", b'{"model_max_length": 1}'),
    "options-limit-two": written("tokenizer_config.json", b'{"model_max_length": 2}'),
    "options-limit-half": written("tokenizer_config.json", b'{"model_max_length": 0.5}'),
    "options-many-tokens": naming("tokenizer_config.json", {"extra_special_tokens": MANY}),
    "options-many-names": naming("tokenizer_config.json", {f"{token}_token": token for token in MANY}),
    "map-many-tokens": naming("special_tokens_map.json", {"extra_special_tokens": MANY}),
    "added-many-tokens": naming("added_tokens.json", {token: 1000 + n for n, token in enumerate(MANY)}),
    "tokenizer-many-added": added,
    "tokenizer-no-json": written(TOKENIZER, b"{"),
    "tokenizer-nested": written(TOKENIZER, NESTED),
    "tokenizer-regex-without-end": cutting(pre_tokenizer=split_by("(x+x+)+y")),
    "tokenizer-charsmap": cutting(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAAAAAA"}),
    "tokenizer-charsmap-of-millions": cutting(
        normalizer={"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap("x" * MILLIONS)).decode()}
    ),
    "tokenizer-chunks-of-nothing": cutting(pre_tokenizer={"type": "FixedLength", "length": 0}),
    "tokenizer-past-the-end": cutting(normalizer=in_turn(replace("a", ""), replace("t", "ttt")), pre_tokenizer=BYTES),
    "tokenizer-millions-put-in": cutting(normalizer={"type": "Prepend", "prepend": "x" * MILLIONS}),
    "tokenizer-millions-for-a-letter": cutting(normalizer=replace("c", "x" * MILLIONS)),
    "tokenizer-doubling": cutting(normalizer=in_turn(*[replace("c", "cc")] * 40)),
    "tokenizer-millions-special": cutting(post_processor=framed(MILLIONS // 25)),
    "tokenizer-hundreds-special-for-one": cutting(post_processor=framed(200, pairs=False)),
    "tokenizer-long-prefix": prefixed,
    "tokenizer-long-token": long_token,
    "tokenizer-minutes": cutting(normalizer=in_turn(*[CLEANED] * (MILLIONS // 16))),
    "tokenizer-gigabytes": branching,
    "tokenizer-ends-its-process": cutting(model={**HALVED, "continuing_subword_prefix": "#"}),
    "tokenizer-ten-gigabytes": grown(TOKENIZER),
    "tokenizer-without-end": endless(TOKENIZER),
    "tokenizer-missing": without(TOKENIZER),
    "nothing-at-all": lambda folder: shutil.rmtree(folder) or folder.mkdir(),
    **{
        f"config-{field}-{number}": configured(**{field: value})
        for field, values in OUTSIDE.items()
        for number, value in enumerate(values)
    },
}
"""What is wrong with each folder, by its name."""


def build(base: Path, folder: Path) -> Iterator[Path]:
    """Every folder, made from a harmless one, one after the other."""
    for name, change in CHANGES.items():
        shutil.copytree(base, folder / name)
        change(folder / name)
        yield folder / name
