"""Tokenizers in the box, read without transformers: the first `/tokens` needs no torch, which takes seconds to load.

That they are what `AutoTokenizer` makes of the same folders is tested for each; of any other folder only
`core.tasks.tokenizer` knows.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.implementations import BertWordPieceTokenizer

from core.questions import SerialisedTokenizer


def read_bundled(folder: Path) -> SerialisedTokenizer | None:
    """The tokenizer in a bundled folder; ``None`` for a kind that transformers has to make."""
    if (folder / "tokenizer.json").is_file():
        made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    elif (folder / "vocab.txt").is_file():
        options = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        made = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=options["do_lower_case"])
    else:
        return None
    unknown = made.token_to_id("[UNK]")  # types are for models that have embeddings of them: in the box all of BERT
    return SerialisedTokenizer(made.to_str(), unknown, splits_special=False, types_texts=True)
