"""Train the models in the box.

    python -m training.train --data DATA --work WORK [--encoder FOLDER] [--tokens 60e6] [--batch 4096] [--start FOLDER]

`DATA` holds ``corpus/*.txt[.xz]`` (a line is a paragraph, a blank line ends a document) and ``sentiment/`` with the
files that `training.sentiment_data` names. Every step writes one folder in the standard Hugging Face layout to `WORK`
and is skipped where that folder is complete; an interrupted step goes on from its checkpoint. The same seed and plan
give the same models on the same machine. The classifier is made from a pretrained `--encoder`: `make test-weights`
fetches the one in the box to ``.weights/minilm``. `--start core/bundled` takes over what is there, but for the
masked-language model, which learns on.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training import (
    causal_lm,
    corpus,
    evaluate,
    masked_lm,
    reverser,
    sentiment,
    sentiment_data,
    vocabularies,
)
from training.encoded import Encoded, Text, encode, joined
from training.shape import Shape

SEED = 42
OPINION_LENGTH = 80  # characters from which a labelled sentence is worth reading as text, too
VOCABULARY_TEXT = 10_000_000  # characters of each file that the vocabularies are learned from
MASKED_LM = Shape(width=256, layers=5, heads=4, inner=768)
CAUSAL_LM = Shape(width=128, layers=6, heads=4, inner=384)
REVERSER = Shape(width=64, layers=2, heads=2, inner=128)


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the models are and how much they read."""

    tokens: int = 60_000_000  # that the masked-language model sees
    reverser_share: float = 0.2  # of as many for the reverser
    causal_share: float = 0.4  # and for the causal model
    batch: int = 4096  # tokens in a batch of text
    lessons: sentiment.FineTuning = field(default_factory=sentiment.FineTuning)  # of the classifier
    word_pieces: int = 8192  # entries of the WordPiece vocabulary
    byte_pairs: int = 4096  # entries of the byte-level vocabulary
    masked_lm: Shape = MASKED_LM
    causal_lm: Shape = CAUSAL_LM
    reverser: Shape = REVERSER
    encoder: Path | None = None  # a pretrained BERT, for the classifier
    start: Path | None = None  # earlier models: what `take_over` keeps, and a masked-language model that learns on


def train(data: Path, work: Path, plan: Plan, device: torch.device) -> None:
    """Run the steps whose result is not in `work` yet."""
    if plan.start is not None:
        take_over(plan.start, work, () if plan.encoder is None else ("minilm",))
    train_tokenizers(data, work, plan)
    masked, opinion, causal, reverse = (work / name for name in ("bert-mini", "minilm", "gpt-mini", "reverser"))
    earlier = plan.start and plan.start / masked.name

    def text(folder: Path) -> Text:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return Text(encoded_with(tokenizer, data, folder.with_suffix(".ids")), tokenizer, SEED, plan.batch, device)

    if pending(masked):
        masked_lm.train(text(masked), masked, plan.masked_lm, plan.tokens, earlier)
    if plan.encoder and pending(opinion):
        sentiment.train(data / "sentiment", plan.encoder, opinion, plan.lessons, seed=SEED, device=device)
    if pending(reverse):
        reverser.train(text(masked), reverse, plan.reverser, int(plan.tokens * plan.reverser_share))
    if pending(causal):
        causal_lm.train(text(causal), causal, plan.causal_lm, int(plan.tokens * plan.causal_share))


def pending(folder: Path) -> bool:
    """Whether a step's model is still to be trained; if so, say that it begins."""
    if (folder / "model.safetensors").exists():
        return False
    print(f"Training {folder.name}", flush=True)
    return True


def documents_of(path: Path) -> list[corpus.Document]:
    """What is learned from a file: its documents but for those held out, and its naming sentences once more."""
    documents, _ = corpus.split(corpus.read_documents(path))
    return documents + corpus.naming(documents)


def opinion_documents(data: Path) -> list[corpus.Document]:
    """The longer labelled sentences, to read as text."""
    texts = [text for text, _ in sentiment_data.training_examples(data / "sentiment")]
    return [corpus.Document("opinions", (text,)) for text in texts if len(text) > OPINION_LENGTH]


def encoded_with(tokenizer: Tokenizer, data: Path, folder: Path) -> Encoded:
    """All text to learn from as ids; each file is encoded once and then read from `folder`."""
    folder.mkdir(exist_ok=True)
    makers = {corpus.name_of(path): partial(documents_of, path) for path in corpus.sources(data / "corpus")}
    makers["opinions"] = partial(opinion_documents, data)
    parts: list[Encoded] = []
    for name, documents in makers.items():
        kept = folder / f"{name}.npz"
        if not kept.exists():
            encode(documents(), tokenizer).save(kept)
        parts.append(Encoded.load(kept))
        print(f"{name}: {len(parts[-1].ids):,} tokens in {len(parts[-1].documents):,} documents", flush=True)
    return joined(parts)


def take_over(start: Path, work: Path, anew: Sequence[str]) -> None:
    """Take over earlier vocabularies, so that their ids keep their meaning, and the models that are not made anew."""
    for name, files in {"bert-mini": "tokenizer*", "minilm": "*", "gpt-mini": "*", "reverser": "*"}.items():
        for file in (start / name).glob(files) if name not in anew else ():
            (work / name).mkdir(exist_ok=True)
            shutil.copyfile(file, work / name / file.name)


def train_tokenizers(data: Path, work: Path, plan: Plan) -> None:
    """Learn the two vocabularies that are not in `work` yet."""
    names = ("bert-mini", "gpt-mini")
    word_pieces, byte_pairs = missing = [not (work / name / "tokenizer.json").exists() for name in names]
    if not any(missing):
        return
    sample = sampled(data)
    if word_pieces:
        vocabularies.train_wordpiece(sample, work / "bert-mini", plan.word_pieces, lowercase=True)
    if byte_pairs:
        vocabularies.train_byte_level(sample, work / "gpt-mini", plan.byte_pairs)


def sampled(data: Path) -> list[corpus.Document]:
    """Documents to learn vocabularies from: of each file at most `VOCABULARY_TEXT` characters, so all have a say."""
    rng = random.Random(SEED)
    chosen: list[corpus.Document] = []
    for documents in (*map(documents_of, corpus.sources(data / "corpus")), opinion_documents(data)):
        repeated = [d for d in documents for _ in range(int(corpus.share_of(d) + rng.random()))]
        rng.shuffle(repeated)
        sizes = accumulate(sum(map(len, document.lines)) for document in repeated)
        chosen += [d for d, size in zip(repeated, sizes, strict=True) if size <= VOCABULARY_TEXT]
    return chosen


def device_named(name: str) -> torch.device:
    """The device called `name`, where ``auto`` is the GPU if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def main() -> None:
    """Train what is missing, then print what the models are worth."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train the models in the box.")
    parser.add_argument("--data", type=Path, required=True, help="folder with corpus/ and sentiment/")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and finished models")
    parser.add_argument("--tokens", type=float, default=Plan.tokens, help="token ids the masked-language model reads")
    parser.add_argument("--batch", type=int, default=Plan.batch, help="tokens in a batch: a GPU wants 65536")
    parser.add_argument("--encoder", type=Path, help="folder of a pretrained BERT, from which the classifier is made")
    parser.add_argument("--start", type=Path, help="folder of earlier models to go on from")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    options = parser.parse_args()
    for part in ("corpus", "sentiment"):
        if not (options.data / part).is_dir():
            parser.error(f"{options.data} has no folder {part}/: name the folder that holds corpus/ and sentiment/.")
    options.work.mkdir(parents=True, exist_ok=True)
    plan = replace(
        Plan(), tokens=int(options.tokens), batch=options.batch, encoder=options.encoder, start=options.start
    )
    train(options.data, options.work, plan, device_named(options.device))
    print(evaluate.report(options.data, options.work))


if __name__ == "__main__":
    main()
