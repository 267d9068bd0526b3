"""Tokenizers, read by transformers: what `AutoTokenizer` makes of a folder is what the bot's own process goes by.

transformers often builds a tokenizer anew from the vocabulary, the class and the options that a folder names, so that
``tokenizer.json`` alone does not tell how texts are cut. transformers loads torch, which the bot's process must not: it
gets the finished tokenizer in the format of the Rust library, and that the two agree is tried out here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers.models import Unigram

from core.errors import CoreError, ModelUnavailable, is_failure
from core.models.config_file import UnusableFile, no_tokenizer, unusable
from core.models.metadata import lacks_for_tokenizer, missing_for_tokenizer
from core.questions import SerialisedTokenizer, TokenizerFiles
from core.reading.tokenizers.bounds import check_bounds
from core.reading.tokenizers.tokenizer import PAIR_SEPARATOR, ModelTokenizer
from core.reading.tokenizers.trial import PROBES, read_by_transformers
from core.results import ModelInfo

logger = logging.getLogger(__name__)


class TokenizerTask:
    """Reads tokenizers. It keeps none: whoever asks does."""

    padding = 0

    def __init__(self, folder: str, device: str) -> None:
        """Need nothing: the arguments are those of every task."""

    def run(self, payloads: Sequence[TokenizerFiles]) -> list[SerialisedTokenizer | CoreError]:
        """For each folder its tokenizer, or why there is none."""
        return [_read_or_refused(files) for files in payloads]


def _read_or_refused(files: TokenizerFiles) -> SerialisedTokenizer | CoreError:
    try:
        return _read(files)
    except CoreError as error:
        return error
    except UnusableFile as error:
        return unusable(files.model, error.where)
    except BaseException as error:  # transformers and the Rust library raise nothing narrower
        if not is_failure(error):
            raise
        logger.error("The tokenizer in %s cannot be read: %s: %s", files.folder, type(error).__name__, error)
        return no_tokenizer(files.model)


def _read(files: TokenizerFiles) -> SerialisedTokenizer:
    folder = Path(files.folder)
    if not folder.is_dir():  # as on a computer of a Ray cluster to which nobody copied it
        raise ModelUnavailable(
            "The files of the model {model} are not on the computer that runs it: ask the bot's host to copy them "
            "there.",
            model=files.model,
        )
    if missing := missing_for_tokenizer(folder):
        raise lacks_for_tokenizer(files.model, missing)
    theirs = read_by_transformers(folder)
    if not theirs.is_fast:
        raise ModelUnavailable(
            "The tokenizer of {model} does not tell where in a text its tokens stand: ask the bot's host to choose "
            "another model.",
            model=files.model,
        )
    check_bounds(theirs.backend_tokenizer)
    content, splits_special = theirs.backend_tokenizer.to_str(), bool(theirs.split_special_tokens)
    types_texts = any(theirs(*PROBES[:2]).get("token_type_ids", ()))  # some classes keep what the Rust library tells
    read = SerialisedTokenizer(content, _unknown(theirs), splits_special, types_texts)
    _compare(theirs, ModelTokenizer.load(ModelInfo(files.model), folder, read))
    return read


def _unknown(theirs: Any) -> int | None:
    """The id of what the vocabulary lacks; none where nothing can be lacking, as with the bytes of GPT-2."""
    model = theirs.backend_tokenizer.model
    if isinstance(model, Unigram):  # it shows its entry for the unknown nowhere else
        return json.loads(model.__getstate__())["unk_id"]
    if (name := getattr(model, "unk_token", None)) is not None:
        return theirs.backend_tokenizer.token_to_id(name)
    return None if theirs.unk_token in (None, theirs.eos_token) else theirs.unk_token_id


def _compare(theirs: Any, ours: ModelTokenizer) -> None:
    """Refuse a tokenizer that the bot's process would read in another way than transformers.

    Raises:
        ModelUnavailable: A text, or a pair of texts, has other ids.
    """
    alike = all(theirs(text)["input_ids"] == ours.encode(text).ids for text in PROBES)
    pairs = [(one.strip(), other.strip()) for one, other in zip(PROBES, reversed(PROBES), strict=True)]
    alike = alike and all(
        theirs(*pair)["input_ids"] == ours.encode_pair(f" {PAIR_SEPARATOR} ".join(pair)).ids
        for pair in pairs
        if PAIR_SEPARATOR not in pair[0]
    )
    if not alike:
        raise ModelUnavailable(
            "The tokenizer of {model} cannot be read here as transformers reads it: ask the bot's host to choose "
            "another model.",
            model=ours.model.name,
        )
