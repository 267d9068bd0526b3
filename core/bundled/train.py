"""Train the models in the box.

    python -m core.bundled.train --data DATA --work WORK [--tokens 60e6] [--start FOLDER] [--device auto]

`DATA` holds ``corpus/*.txt[.xz]`` (a line is a paragraph, a blank line ends a document) and ``sentiment/`` with the
files that `core.bundled.opinions` names. Every step writes one folder in the standard Hugging Face layout under `WORK`
and is skipped where that folder is complete; an interrupted step goes on from its checkpoint. The same seed and plan
give the same models on the same machine. `--start core/bundled` keeps the vocabularies and lets the masked-language
model of that folder learn on.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer

from core.bundled import causal_lm, corpus, evaluate, masked_lm, opinions, reverser, sentiment, vocabularies
from core.bundled.shape import Shape

SEED = 42
OPINION_LENGTH = 80  # characters from which a labelled sentence is worth reading as text, too
VOCABULARY_EVERY = 4  # vocabularies are learned from every fourth document
MASKED_LM = Shape(width=256, layers=4, heads=4, inner=768)
CAUSAL_LM = Shape(width=128, layers=6, heads=4, inner=384)
REVERSER = Shape(width=64, layers=2, heads=2, inner=128)


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the models are and how much they read."""

    tokens: int = 60_000_000  # that the masked-language model sees
    reverser_share: float = 0.2  # of as many for the reverser
    causal_share: float = 0.4  # and for the causal model
    passes: int = 2  # over the labelled sentences
    word_pieces: int = 8192  # entries of the WordPiece vocabularies
    byte_pairs: int = 4096  # entries of the byte-level vocabulary
    masked_lm: Shape = MASKED_LM
    causal_lm: Shape = CAUSAL_LM
    reverser: Shape = REVERSER
    start: Path | None = None  # earlier models: their vocabularies are kept, their masked-language model learns on


def train(data: Path, work: Path, plan: Plan, device: torch.device) -> None:
    """Run the steps whose result is not in `work` yet."""
    documents = read(data)
    if plan.start is not None:
        keep_vocabularies(plan.start, work)
    train_tokenizers(documents, work, plan)
    masked, opinion, causal, reverse = (work / name for name in ("masked-lm", "sentiment", "causal-lm", "reverser"))
    earlier = plan.start and plan.start / masked.name

    def text(folder: Path) -> corpus.Text:
        return corpus.Text(documents, Tokenizer.from_file(str(folder / "tokenizer.json")), SEED)

    if pending(masked):
        masked_lm.train(text(masked), masked, plan.masked_lm, plan.tokens, device, earlier)
    if pending(opinion):
        sentiment.train(data / "sentiment", masked, opinion, plan.passes, SEED, device)
    if pending(reverse):
        reverser.train(text(masked), reverse, plan.reverser, int(plan.tokens * plan.reverser_share), device)
    if pending(causal):
        causal_lm.train(text(causal), causal, plan.causal_lm, int(plan.tokens * plan.causal_share), device)


def pending(folder: Path) -> bool:
    """Whether a step's model is still to be trained; if so, say that it begins."""
    if (folder / "model.safetensors").exists():
        return False
    print(f"Training {folder.name}")
    return True


def read(data: Path) -> list[corpus.Document]:
    """The documents to learn from: the corpus without what is held out, and the longer labelled sentences."""
    documents, held_out = corpus.split(corpus.read_documents(data / "corpus"))
    hidden = {line for document in held_out for line in document.lines}
    texts = [text for text, _ in opinions.training(data / "sentiment") if len(text) > OPINION_LENGTH]
    documents += corpus.naming(documents)
    documents += [corpus.Document("opinions", (text,)) for text in texts if text not in hidden]
    print(f"{len(documents):,} documents to read, {len(held_out):,} held out")
    return documents


def keep_vocabularies(start: Path, work: Path) -> None:
    """Take over the vocabularies of earlier models, so that their ids keep their meaning."""
    for name in ("masked-lm", "tokenizer-cased", "causal-lm"):
        for file in (start / name).glob("tokenizer*.json"):
            (work / name).mkdir(exist_ok=True)
            shutil.copyfile(file, work / name / file.name)


def train_tokenizers(documents: list[corpus.Document], work: Path, plan: Plan) -> None:
    """Learn the three vocabularies that are not in `work` yet."""
    sample = documents[::VOCABULARY_EVERY]
    if not (work / "masked-lm" / "tokenizer.json").exists():
        vocabularies.train_wordpiece(sample, work / "masked-lm", plan.word_pieces, lowercase=True)
    if not (work / "tokenizer-cased" / "tokenizer.json").exists():
        vocabularies.train_wordpiece(sample, work / "tokenizer-cased", plan.word_pieces, lowercase=False)
    if not (work / "causal-lm" / "tokenizer.json").exists():
        vocabularies.train_byte_level(sample, work / "causal-lm", plan.byte_pairs)


def device_named(name: str) -> torch.device:
    """The device called `name`, where ``auto`` is the GPU if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def main() -> None:
    """Train what is missing, then print what the models are worth."""
    parser = argparse.ArgumentParser(prog="python -m core.bundled.train", description="Train the models in the box.")
    parser.add_argument("--data", type=Path, required=True, help="folder with corpus/ and sentiment/")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and finished models")
    parser.add_argument("--tokens", type=float, default=Plan.tokens, help="token ids the masked-language model reads")
    parser.add_argument("--start", type=Path, help="folder of earlier models to go on from")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    options = parser.parse_args()
    for part in ("corpus", "sentiment"):
        if not (options.data / part).is_dir():
            parser.error(f"{options.data} has no folder {part}/: name the folder that holds corpus/ and sentiment/.")
    options.work.mkdir(parents=True, exist_ok=True)
    plan = replace(Plan(), tokens=int(options.tokens), start=options.start)
    train(options.data, options.work, plan, device_named(options.device))
    print(evaluate.report(options.data, options.work))


if __name__ == "__main__":
    main()
