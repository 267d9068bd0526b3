"""Tokens from their spelling alone, and tokens as arrays."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.results.tokenization import ModelInfo, Token, Tokenization

_SPECIAL = re.compile(r"\[(CLS|SEP|PAD|BOS|EOS)\]|</?s>|<(pad|bos|eos|cls|sep)>|<\|.*\|>")
_UNKNOWN = ("[UNK]", "<unk>")
_SPACES = ("Ġ", "▁")  # how vocabularies spell the space before a word
_CONTINUES = "##"


def read_pieces(pieces: Sequence[str], model: ModelInfo) -> Tokenization:
    """The tokens that some pieces such as ``[CLS]``, ``trans``, ``##former`` or ``Ġthe`` spell, and their text.

    Their ids are not known: equal pieces have equal ones, that is all.
    """
    text, tokens, word = "", list[Token](), -1
    spaced = any(piece.startswith(_SPACES) for piece in pieces)
    places: dict[str, int] = {}
    for piece in pieces:
        number, start = places.setdefault(piece, len(places)), len(text)
        if _SPECIAL.fullmatch(piece):
            tokens.append(Token(number, piece, start, start, special=True))
            continue
        begins = word < 0 or (piece.startswith(_SPACES) if spaced else not piece.startswith(_CONTINUES))
        word += begins
        if begins and text:
            text, start = f"{text} ", start + 1
        text += piece.lstrip("".join(_SPACES)) if spaced else piece.removeprefix(_CONTINUES)
        tokens.append(Token(number, piece, start, len(text), unknown=piece in _UNKNOWN, word=word))
    return Tokenization(text, model, tuple(tokens))


def to_arrays(source: Tokenization, before: str = "") -> dict[str, Any]:
    """Everything about a text's tokens as arrays that are read without pickle, `before` in front of their names."""
    tokens = source.tokens
    found = {
        "tokens": np.array([token.piece for token in tokens], dtype=np.str_),
        "ids": np.array([token.id for token in tokens]),
        "spans": np.array([(token.start, token.end) for token in tokens]).reshape(-1, 2),
        "words": np.array([-1 if token.word is None else token.word for token in tokens]),
        "special": np.array([token.special for token in tokens]),
        "unknown": np.array([token.unknown for token in tokens]),
        "text": np.array(source.text),
        "model": np.array([source.model.name, source.model.revision]),
        "second": np.array(source.second),
        "kind": np.array(source.kind),
    }
    return {f"{before}{name}": array for name, array in found.items()}


def check_counts(weights: npt.NDArray[np.floating], source: Tokenization, looking: Tokenization) -> None:
    """Refuse weights ``(layers, heads, M, N)`` without M tokens that look, or N that are looked at.

    Raises:
        BadInput: There are others.
    """
    looks, looked = weights.shape[-2:]
    for count, named in ((looked, source), (looks, looking)):
        if count != len(named.tokens):
            raise BadInput(
                "The weights are {looks} × {looked}, and there are {count} tokens: give a token for each column, and "
                "with rows= one for each row if those are others.",
                looks=looks,
                looked=looked,
                count=len(named.tokens),
            )


def read_npz(path: str | Path) -> dict[str, Any]:
    """The arrays of a file that holds at least ``weights`` and ``tokens``; nothing in it is run.

    Raises:
        BadInput: It is another file.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
    except (ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
        arrays = dict[str, Any]()
    if "tokens" not in arrays or getattr(arrays.get("weights"), "ndim", 0) != 4:
        raise BadInput("That file holds no attention map: give an .npz that was taken away from one.")
    return arrays


def from_arrays(arrays: Mapping[str, Any], before: str = "") -> Tokenization:
    """The tokens that `to_arrays` stored; of files without their places in a text, those that are spelt so.

    Raises:
        KeyError: There are none.
    """
    pieces = [str(piece) for piece in arrays[f"{before}tokens"]]
    if f"{before}spans" not in arrays:
        return read_pieces(pieces, ModelInfo("a file"))
    columns = (arrays[f"{before}{name}"].tolist() for name in ("ids", "spans", "words", "special", "unknown"))
    tokens = tuple(
        Token(number, piece, *span, special=special, unknown=unknown, word=None if word < 0 else word)
        for piece, number, span, word, special, unknown in zip(pieces, *columns, strict=True)
    )
    name, revision = map(str, arrays[f"{before}model"])
    bundled = name.startswith("bundled/")
    second, kind = int(arrays[f"{before}second"]), str(arrays[f"{before}kind"])
    return Tokenization(str(arrays[f"{before}text"]), ModelInfo(name, revision, bundled), tokens, second, kind=kind)
