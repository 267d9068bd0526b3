"""Put the vocabularies of well-known models into the box, as tokenizers of their own that need no weights.

    python -m training.pretrained_vocabularies --data DATA

`DATA` holds ``vocab/NAME`` with the files that the models were published with. They are the same here but for spaces in
JSON; with the options of each model beside them, plain ``AutoTokenizer`` reads every folder.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

BUNDLED = Path(__file__).parents[1] / "core" / "bundled"

CARD = """---
license: {licence}
---
The vocabulary of [{hub_id}](https://huggingface.co/{hub_id}), for `/tokens`: no weights.
"""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A published vocabulary.

    Attributes:
        hub_id: The model that it belongs to.
        licence: Of that model, as its card calls it.
        options: For ``tokenizer_config.json``.
    """

    hub_id: str
    licence: str
    options: dict[str, object] = field(default_factory=dict[str, object])


BERT = {"tokenizer_class": "BertTokenizer", "model_max_length": 512}

VOCABULARIES = {
    "bert-base-cased": Vocabulary("google-bert/bert-base-cased", "apache-2.0", {**BERT, "do_lower_case": False}),
    "bert-base-uncased": Vocabulary("google-bert/bert-base-uncased", "apache-2.0", {**BERT, "do_lower_case": True}),
    "bert-base-multilingual-cased": Vocabulary(
        "google-bert/bert-base-multilingual-cased", "apache-2.0", {**BERT, "do_lower_case": False}
    ),
    "gpt2": Vocabulary("openai-community/gpt2", "mit", {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 1024}),
    "roberta-base": Vocabulary(
        "FacebookAI/roberta-base", "mit", {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512}
    ),
}


def write(source: Path, folder: Path, vocabulary: Vocabulary) -> None:
    """Write one tokenizer."""
    folder.mkdir(exist_ok=True)
    for path in sorted(source.iterdir()):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            text = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        (folder / path.name).write_text(text, encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(vocabulary.options, indent=2) + "\n", encoding="utf-8")
    card = CARD.format(licence=vocabulary.licence, hub_id=vocabulary.hub_id)
    (folder / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    """Write all of them."""
    parser = argparse.ArgumentParser(prog="python -m training.pretrained_vocabularies", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with vocab/")
    data: Path = parser.parse_args().data
    for name, vocabulary in VOCABULARIES.items():
        write(data / "vocab" / name, BUNDLED / name, vocabulary)


if __name__ == "__main__":
    main()
