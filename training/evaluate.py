"""What the models in the box are worth, as one table.

    python -m training.evaluate --data DATA [--model-dir FOLDER]

The sentiment figures come from the ordinary ``pipeline("text-classification")``, the masked words from held-out
documents that no model has read, beside what plain counting over the training text finds. Two runs print the same.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import BertForMaskedLM, pipeline

from core import Core, CoreSettings
from core.reading.validation import MAX_CHARACTERS_IN_WINDOWS
from training import coreference, corpus, head_patterns, negations, sentiment_data
from training.encoded import encode
from training.ngrams import EDGE, NGrams
from training.vocabularies import CLS, LONGEST, MASK, PAD, SEP, tokens_by_id

SEED = 7
EVERY_FILM = 5  # of the film reviews kept apart: they are long
QUESTIONS = 5000  # masked words, each in its own text
HEAD_TEXTS = 200  # texts over which the heads are named
BINS = 15  # Guo et al. 2017 (arXiv:1706.04599), section 2
BUNDLED = Path(__file__).parents[1] / "core" / "bundled"
JOINED = 512  # texts counted at once

Row = tuple[str, str]


def report(data: Path, models: Path) -> str:
    """The table of all figures, in Markdown."""
    rows = [*sentiment_rows(data / "sentiment", models / "minilm"), *mask_rows(data, models / "bert-mini")]
    rows += [coreference_row(models / name) for name in ("minilm", "bert-mini")]
    rows += [size_row(path) for path in sorted(models.glob("*/model.safetensors"))]
    width = max(len(name) for name, _ in rows)
    lines = [f"| {'figure':{width}} | value |", f"|{'-' * (width + 2)}|------:|"]
    return "\n".join(lines + [f"| {name:{width}} | {value} |" for name, value in rows])


def sentiment_rows(data: Path, model: Path) -> Iterator[Row]:
    """Accuracy and calibration of the classifier."""
    classify = pipeline("text-classification", model=str(model), device="cpu", dtype=torch.float32)
    for name, examples in (
        ("SST-2 dev", sentiment_data.binary(data / "sst2-dev.tsv")),
        ("SST-2 dev with typos", sentiment_data.in_a_hurry(sentiment_data.binary(data / "sst2-dev.tsv"), SEED)),
        ("GoEmotions dev, positive or negative", sentiment_data.emotions(data / "goemotions-dev.tsv")),
        ("customer reviews", sentiment_data.products(data, kept_apart=True)),
        ("denials of words kept apart", negations.held_out()),
    ):
        answers: Any = classify([text for text, _ in examples], batch_size=32, truncation=True)
        right = np.array(
            [
                answer["label"] == ("NEGATIVE", "POSITIVE")[label]
                for answer, (_, label) in zip(answers, examples, strict=True)
            ]
        )
        scores = np.array([answer["score"] for answer in answers])
        yield f"{name} ({len(right)}): accuracy", f"{right.mean():.3f}"
        if name == "SST-2 dev":  # the other set has chosen the temperature
            yield f"{name}: expected calibration error", f"{calibration_error(scores, right):.3f}"
    yield asyncio.run(review_row(sentiment_data.films(data, kept_apart=True)[::EVERY_FILM], model))


async def review_row(reviews: Sequence[sentiment_data.Example], model: Path) -> Row:
    """Accuracy on whole film reviews, read in windows, as ``/sentiment`` reads long texts."""
    right: list[bool] = []
    async with Core.open(replace(CoreSettings.bundled(), sentiment_model=str(model))) as core:
        for text, label in reviews:
            answer = await core.sentiment(text[-MAX_CHARACTERS_IN_WINDOWS:])
            right.append(answer.scores[0].label == ("NEGATIVE", "POSITIVE")[label])
    return f"film reviews, whole ({len(right)}): accuracy", f"{np.mean(right):.3f}"


def calibration_error(scores: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: how far the scores are from the shares of right answers, over `BINS` equal bins."""
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [abs(scores[bins == n].sum() - right[bins == n].sum()) for n in range(BINS)]
    return float(sum(gaps) / len(scores))


def mask_rows(data: Path, folder: Path) -> Iterator[Row]:
    """How often the hidden word is the first guess, or among five, beside counting; and what the heads do."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    parts = [corpus.split(corpus.read_documents(path)) for path in corpus.sources(data / "corpus")]
    held_out = [document for _, apart in parts for document in apart]
    train = (document for read, _ in parts for document in read)
    texts, positions = questions(held_out, tokenizer, sentiment_data.training_examples(data / "sentiment"))
    answers = [int(text[at]) for text, at in zip(texts, positions, strict=True)]
    counted = NGrams(texts, positions, words(tokenizer))
    counted.count(joined(encode(train, tokenizer).runs(LONGEST - 2, SEED)))
    everyone = range(len(answers))
    for name, guesses in (
        ("model", model_guesses(folder, texts, positions)),
        ("5-gram", [counted.guesses(n, 5) for n in everyone]),
        ("unigram", [counted.guesses(n, 5, widest=3) for n in everyone]),
    ):
        for top in (1, 5):
            right = [answer in guess[:top] for answer, guess in zip(answers, guesses, strict=True)]
            yield f"masked words ({len(right)}): {name}, top-{top}", f"{np.mean(right):.3f}"
    for name, (layer, head, share) in head_patterns.find_pattern_heads(folder, tokenizer, texts[:HEAD_TEXTS]).items():
        yield f"clearest head: {name}", f"layer {layer}, head {head}: {share:.2f}"


def questions(
    documents: Sequence[corpus.Document], tokenizer: Tokenizer, read: Sequence[sentiment_data.Example]
) -> tuple[list[corpus.Ids], list[int]]:
    """Up to `QUESTIONS` texts nobody has trained on, and in each the position of a word that is one token."""
    known = {text for text, _ in read}
    fresh = [document for document in documents if not known.intersection(document.lines)]
    whole = words(tokenizer)
    pieces = np.array([token.startswith("##") for token in tokens_by_id(tokenizer)])
    rng = np.random.default_rng(SEED)
    texts, positions = [], []
    for ids in corpus.framed(encode(fresh, tokenizer).runs(LONGEST - 2, SEED), CLS, SEP):
        candidates = [at for at in range(EDGE, len(ids) - EDGE) if whole[ids[at]] and not pieces[ids[at + 1]]]
        if candidates:
            texts.append(ids)
            positions.append(int(rng.choice(candidates)))
    chosen = rng.permutation(len(texts))[:QUESTIONS].tolist()
    return [texts[n] for n in chosen], [positions[n] for n in chosen]


def words(tokenizer: Tokenizer) -> npt.NDArray[np.bool_]:
    """Which ids stand for a whole word, written in letters."""
    return np.array([token.isalpha() for token in tokens_by_id(tokenizer)])


def joined(runs: Iterable[corpus.Ids]) -> Iterator[corpus.Ids]:
    """Texts with their special tokens, `JOINED` of them in one array, because counting is dearer by the array."""
    waiting: list[corpus.Ids] = []
    for ids in corpus.framed(runs, CLS, SEP):
        waiting.append(ids)
        if len(waiting) == JOINED:
            yield np.concatenate(waiting)
            waiting.clear()
    if waiting:
        yield np.concatenate(waiting)


@torch.no_grad()
def model_guesses(folder: Path, texts: Sequence[corpus.Ids], positions: Sequence[int]) -> list[list[int]]:
    """The model's five first guesses for the hidden token of each text, of all the tokens it knows."""
    model = BertForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    guesses: list[list[int]] = []
    for start in range(0, len(texts), 32):
        ids = torch.from_numpy(corpus.padded(texts[start : start + 32], PAD))
        rows, at = torch.arange(len(ids)), torch.tensor(positions[start : start + 32])
        ids[rows, at] = MASK
        logits = model(ids, attention_mask=(ids != PAD).long()).logits[rows, at]
        guesses += logits.topk(5).indices.tolist()
    return guesses


def coreference_row(folder: Path) -> Row:
    """How often the best head finds what a pronoun means, and how much of its weight it gives that."""
    layer, head, right, weight = coreference.best_head(folder)
    count = len([*coreference.pronouns()])
    return (
        f"{folder.name}: pronouns ({count}) whose noun is found",
        f"{right:.2f}, weight {weight:.2f} (layer {layer}, head {head})",
    )


def size_row(path: Path) -> Row:
    """Parameters and size of one file of weights."""
    with safe_open(path, framework="pt") as weights:
        parameters = sum(weights.get_tensor(name).numel() for name in weights.keys())  # noqa: SIM118 (not a dict)
    return f"{path.parent.name}: parameters, size", f"{parameters / 1e6:.2f} M, {path.stat().st_size / 1e6:.2f} MB"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure the models in the box.")
    parser.add_argument("--data", type=Path, required=True, help="folder with corpus/ and sentiment/")
    parser.add_argument("--model-dir", type=Path, default=BUNDLED, help="folder that holds bert-mini/ and minilm/")
    options = parser.parse_args()
    for folder in (options.data / "corpus", options.data / "sentiment", options.model_dir / "bert-mini"):
        if not folder.is_dir():
            parser.error(f"{folder} is missing: name the folders that hold the data and the models.")
    print(report(options.data, options.model_dir))


if __name__ == "__main__":
    main()
