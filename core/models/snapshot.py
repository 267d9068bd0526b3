"""Which files of a model the Hub's cache has, and whether they are whole. Nothing here asks the network.

A download that was broken off leaves a snapshot that looks like a model and is none: files may be missing, cut off or
empty. The Hub's library takes whatever is there for finished (a file that exists is not looked at again).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from huggingface_hub import get_cached_repo_tree, try_to_load_from_cache
from huggingface_hub.errors import CachedRepoTreeNotFoundError
from huggingface_hub.utils import filter_repo_objects

from core.models.config_file import most_bytes
from core.models.metadata import SENTENCEPIECE, TOKENIZERS
from core.models.weights import INDEX, WEIGHTS, measure, shards
from core.results import ModelInfo

TEXT_FILES = (
    "README.md",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    *SENTENCEPIECE,
)
WEIGHT_FILES = (WEIGHTS, "model-*.safetensors", INDEX)


def listed(model: ModelInfo) -> dict[str, int] | None:
    """The files of a repository at its commit with their sizes in bytes; ``None`` if the Hub was never asked."""
    try:
        tree = get_cached_repo_tree(model.name, revision=model.revision)
    except CachedRepoTreeNotFoundError:
        return None
    return {file.path: file.size for file in tree}


def cached(model: ModelInfo, name: str) -> Path | None:
    """Where a file of a model is, if it is there."""
    found = try_to_load_from_cache(model.name, name, revision=model.revision)
    return Path(found) if isinstance(found, str) else None


def lacking(model: ModelInfo, patterns: Sequence[str]) -> list[str]:
    """The names of files that are missing or damaged, of those that a model has and `patterns` want.

    Where the Hub was never asked what there is (an older library, a cache that was copied), what no model can do
    without must be there, and what is there must be whole.
    """
    sizes = listed(model)
    if sizes is None:
        names: Iterable[str] = _needed(model, patterns)
    else:
        names = filter_repo_objects(sizes, allow_patterns=list(patterns))
    return [name for name in names if not is_whole(cached(model, name), (sizes or {}).get(name))]


def without(model: ModelInfo, patterns: Sequence[str]) -> list[str]:
    """Those of the `lacking` files without which a model cannot be read as it is: no card, no second vocabulary."""
    spare = {"README.md"}
    if is_whole(cached(model, "tokenizer.json"), (listed(model) or {}).get("tokenizer.json")):
        spare |= {"added_tokens.json", "merges.txt", *TOKENIZERS}
    return [name for name in lacking(model, patterns) if name not in spare]


def on_disk(model: ModelInfo, patterns: Sequence[str] = TEXT_FILES) -> Path | None:
    """The folder with a model's files, if all that it needs is there and whole; a folder of the host's as it is."""
    if model.folder:
        return Path(model.folder)
    config = cached(model, "config.json")
    return config.parent if config and not without(model, patterns) else None


def discard(model: ModelInfo, names: Sequence[str]) -> None:
    """Delete damaged files, so that they are fetched anew: what the link leads to first, for that is taken up again."""
    sizes = listed(model) or {}
    for name in names:
        path = cached(model, name)
        if path and not is_whole(path, sizes.get(name)):  # another process may have mended it meanwhile
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)


def _needed(model: ModelInfo, patterns: Sequence[str]) -> list[str]:
    """What must be there where nobody knows what there is: the essentials, and whatever is there already."""
    here = {name for name in (*TEXT_FILES, *TOKENIZERS) if cached(model, name)}
    names = ["config.json", *(() if here & {*TOKENIZERS} else TOKENIZERS[:1])]
    if "vocab.json" in here and "tokenizer.json" not in here:
        names.append("merges.txt")
    if set(WEIGHT_FILES) <= set(patterns):
        index = cached(model, INDEX)
        names += [INDEX, *shards(index)] if index else [WEIGHTS]
    return list(dict.fromkeys((*names, *sorted(here))))


def is_whole(path: Path | None, size: int | None) -> bool:
    """Whether a file is there, has the size that the Hub names (if that is known), and is what its name says.

    Of JSON only both ends are looked at, and whether a computer that lost its power left zeros: what else may be wrong
    with it is for those who read it.
    """
    try:
        found = path.stat().st_size if path else 0
        if path is None or (size is not None and found != size):
            return False
        if path.suffix == ".safetensors":
            return found == measure(path)[0]
        if found > most_bytes(path.name):
            return False
        if path.suffix == ".json":
            content = path.read_bytes().strip()
            return content[:1] + content[-1:] == b"{}" and b"\0" not in content
        return bool(found) or size == 0
    except (OSError, ValueError):
        return False
