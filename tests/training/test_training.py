"""The whole training script on a few hundred made-up sentences, and what it leaves behind in the ordinary library."""

from __future__ import annotations

import lzma
import random
from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from torch import nn
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, pipeline

from training import (
    coreference,
    corpus,
    encoded,
    evaluate,
    masked_lm,
    negations,
    sentiment,
    sentiment_data,
    vocabularies,
)
from training.muon import Muon
from training.ngrams import NGrams
from training.reverser import backwards, labelled
from training.shape import Shape
from training.train import Plan, train
from training.trainer import Trainer, layerwise_adamw, rate_at

TINY = Shape(width=32, layers=2, heads=2, inner=64)
PLAN = Plan(
    tokens=20_000,
    lessons=sentiment.FineTuning(passes=10, denials=0, rate=1e-3),
    word_pieces=300,
    byte_pairs=300,
    masked_lm=TINY,
    causal_lm=TINY,
    reverser=TINY,
)
CPU = torch.device("cpu")


def write_rows(path: Path, rows: list[tuple[str, str]]) -> None:
    text = "".join(f"{label}\t{row}\n" for label, row in rows)
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rng = random.Random(1)
    nouns, verbs = ["cat", "dog", "bird", "child", "teacher"], ["sees", "likes", "follows", "finds"]
    sentences = [
        f"The {rng.choice(nouns)} {rng.choice(verbs)} the {rng.choice(nouns)} again today." for _ in range(2400)
    ]
    documents = [" ".join(sentences[n : n + 4]) for n in range(0, len(sentences), 4)]
    (folder / "corpus").mkdir()
    (folder / "corpus" / "animals.txt").write_text("\n\n".join(documents[:300]), encoding="utf-8")
    packed = lzma.compress("\n\n".join(documents[300:]).encode())
    (folder / "corpus" / "more_animals.txt.xz").write_bytes(packed)
    opinion = {
        "0": "a dull , bad and lifeless film , and nobody who saw it with us liked it at all .",
        "1": "a lovely , good and moving film , and everybody who saw it with us loved it a lot .",
    }
    rows = [(label, f"{opinion[label]} {rng.choice(nouns)}") for label in ("0", "1") for _ in range(40)]
    (folder / "sentiment").mkdir()
    write_rows(folder / "sentiment" / "sst2-dev.tsv", [("0", "a bad film ."), ("1", "a good film .")] * 40)
    for name in ("sst2-train.tsv.xz", "movie-reviews.tsv", "customer-reviews.tsv", "imdb-train.tsv.xz"):
        write_rows(folder / "sentiment" / name, rows)
    write_rows(
        folder / "sentiment" / "vader-rated.tsv", [("-2.5" if label == "0" else "1.9", row) for label, row in rows]
    )
    emotions = [("1" if label == "0" else "3", row) for label, row in rows]
    for name in ("goemotions-train.tsv.xz", "goemotions-dev.tsv"):
        write_rows(folder / "sentiment" / name, [*emotions, ("2,3", "who knows")])
    return folder


@pytest.fixture(scope="module")
def work(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("work")
    train(data, folder, replace(PLAN, encoder=folder / "bert-mini"), CPU)
    return folder


def test_every_step_leaves_a_folder_that_the_library_loads(work: Path) -> None:
    found = pipeline("fill-mask", model=str(work / "bert-mini"))("The [MASK] sees the dog.")
    assert len(found) == 5
    answer = pipeline("text-classification", model=str(work / "minilm"))("a lovely, good film")
    assert answer[0]["label"] in {"NEGATIVE", "POSITIVE"}
    causal = pipeline("text-generation", model=str(work / "gpt-mini"))
    assert causal("The cat", max_new_tokens=3, do_sample=False)[0]["generated_text"].startswith("The cat")
    tokenizer = AutoTokenizer.from_pretrained(work / "reverser")
    reverser = AutoModelForSeq2SeqLM.from_pretrained(work / "reverser")
    assert reverser.generate(**tokenizer("the cat", return_tensors="pt")).shape[0] == 1


def test_the_classifier_is_the_encoder_fine_tuned(work: Path) -> None:
    before, after = (load_file(work / name / "model.safetensors") for name in ("bert-mini", "minilm"))
    shared = [name for name in before if ".layer." in name and name.endswith("dense.weight")]
    moved = [(after[name] - before[name]).float().norm() / before[name].float().norm() for name in shared]
    assert shared and all(share > 0 for share in moved)


def test_weights_are_float16(work: Path) -> None:
    for name in ("bert-mini", "minilm", "gpt-mini", "reverser"):
        assert {t.dtype for t in load_file(work / name / "model.safetensors").values()} == {torch.float16}


def test_the_classifier_learned_which_label_is_which(work: Path) -> None:
    classify = pipeline("text-classification", model=str(work / "minilm"), top_k=None)
    good, bad = classify(["a lovely, good and moving film", "a dull, bad and lifeless film"])
    positive = [next(a["score"] for a in answers if a["label"] == "POSITIVE") for answers in (good, bad)]
    assert positive[0] > positive[1]


def test_finished_steps_are_skipped(data: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in work.glob("*/*")}
    train(data, work, replace(PLAN, encoder=work / "bert-mini"), CPU)
    assert {path: path.stat().st_mtime_ns for path in work.glob("*/*")} == before
    assert "Training" not in capsys.readouterr().out


def test_an_earlier_model_learns_on_and_the_others_are_kept(data: Path, work: Path, tmp_path: Path) -> None:
    train(
        data,
        tmp_path,
        replace(PLAN, start=work, tokens=2000, batch=256),
        CPU,
    )
    for name in ("minilm", "gpt-mini", "reverser"):
        for file in (work / name).iterdir():
            assert (tmp_path / name / file.name).read_bytes() == file.read_bytes()
    words = "bert.embeddings.word_embeddings.weight"
    before, after = (
        load_file(folder / "bert-mini" / "model.safetensors")[words].float() for folder in (work, tmp_path)
    )
    assert 0 < (after - before).std() < 0.5 * before.std()  # it went on from there


def test_a_classifier_goes_on_from_an_earlier_one(data: Path, work: Path, tmp_path: Path) -> None:
    lessons = sentiment.FineTuning(passes=1, denials=0, rate=1e-5, start=work / "minilm")
    sentiment.train(data / "sentiment", work / "bert-mini", tmp_path / "again", lessons, seed=3, device=CPU)
    start, encoder, again = (
        load_file(folder / "model.safetensors")["bert.encoder.layer.0.output.dense.weight"].float()
        for folder in (work / "minilm", work / "bert-mini", tmp_path / "again")
    )
    assert (again - start).norm() < (again - encoder).norm()


def test_heads_that_look_elsewhere_are_told_from_those_that_do_not(work: Path) -> None:
    model, other = (sentiment.classifier(work / "bert-mini").eval() for _ in range(2))
    ids = torch.tensor([[2, 9, 8, 7, 3], [2, 6, 3, 0, 0]])
    batch = {"input_ids": ids, "attention_mask": (ids != 0).long()}

    def moved() -> float:
        return sentiment.drift(model(**batch, output_attentions=True).attentions, other.bert, batch).item()

    assert moved() == pytest.approx(0, abs=1e-6)
    with torch.no_grad():
        model.bert.encoder.layer[0].attention.self.query.weight.normal_()
    assert moved() > 0.01


def test_lower_layers_learn_more_slowly(work: Path) -> None:
    model = sentiment.classifier(work / "bert-mini")
    (optimizer,) = layerwise_adamw(model, 1.0)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    layer = model.bert.encoder.layer[0].output.dense.weight
    found = [rates[id(p)] for p in (model.bert.embeddings.word_embeddings.weight, layer, model.classifier.weight)]
    assert found == sorted(found) and found[0] > 0 and found[-1] == 1.0 and len(rates) == len([*model.parameters()])


def test_long_reviews_end_in_another_place_in_every_pass() -> None:
    reviews = [(" ".join(map(str, range(400))), 1)] * 20
    first, second = (sentiment_data.endings(reviews, seed) for seed in (1, 2))
    assert first != second and first == sentiment_data.endings(reviews, 1)
    assert all(text.endswith(" 399") and 15 <= len(text.split()) <= 150 for text, _ in (*first, *second))


def test_pronouns_and_nouns_are_where_they_are_said_to_be(work: Path) -> None:
    sentences = [*coreference.pronouns()]
    assert len(sentences) == len({sentence.text for sentence in sentences}) == 60
    for sentence in sentences:
        start, end = sentence.pronoun
        assert sentence.text[start:end] in {"it", "he", "she", "they"}
        assert all(sentence.text[a:b].isalpha() and not sentence.text[b : b + 1].isalpha() for a, b in sentence.nouns)
    weights = coreference.weights_on_nouns(work / "bert-mini", sentences[:4])
    assert weights.shape[0] == 4 and (weights[..., 0] > 0).all() and (weights[..., 2] == -1).all()


def test_an_interrupted_training_ends_with_the_same_weights(data: Path, work: Path, tmp_path: Path) -> None:
    def batches(stop_after: int | None):
        generator = torch.Generator().manual_seed(3)
        for number in range(40):
            if number == stop_after:
                raise KeyboardInterrupt
            yield {"input_ids": torch.randint(0, 9, (2, 5), generator=generator)}

    def run(checkpoint: Path, stop_after: int | None = None) -> torch.Tensor:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Embedding(9, 4), nn.Sequential(nn.Dropout(0.3), nn.Linear(4, 9)))
        trainer = Trainer(model, rate=0.01, total=400, device=CPU, checkpoint=checkpoint, every=10)
        loss = nn.functional.cross_entropy
        trainer.fit(
            batches(stop_after), lambda b: loss(model(b["input_ids"]).flatten(0, 1).float(), b["input_ids"].flatten())
        )
        return model[1][1].weight.detach()

    straight = run(tmp_path / "straight.checkpoint")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "broken.checkpoint", stop_after=25)
    torch.testing.assert_close(run(tmp_path / "broken.checkpoint"), straight, rtol=0, atol=0)


def test_muon_moves_matrices_together_as_torch_moves_them_one_by_one() -> None:
    torch.manual_seed(0)
    together = [nn.Parameter(torch.randn(shape)) for shape in [(8, 8), (8, 24), (24, 8), (8, 8), (24, 8)]]
    singly = [nn.Parameter(matrix.detach().clone()) for matrix in together]
    optimizers = [
        Muon(together, lr=0.01),
        torch.optim.Muon(singly, lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
    ]
    for _ in range(4):
        for one, other in zip(together, singly, strict=True):
            one.grad = torch.randn_like(one)
            other.grad = one.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    for one, other in zip(together, singly, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=3e-4)  # a step is about 0.002; products are bfloat16


def test_the_learning_rate_rises_stays_and_falls_to_nothing() -> None:
    assert rate_at(0) == 0
    assert rate_at(0.01) == pytest.approx(0.5)
    assert rate_at(0.3) == 1
    assert rate_at(0.75) == pytest.approx(0.5)
    assert rate_at(1) == 0


def test_the_report_names_every_figure_and_repeats_itself(data: Path, work: Path) -> None:
    report = evaluate.report(data, work)
    for figure in (
        "SST-2 dev (80): accuracy",
        "model, top-1",
        "5-gram, top-5",
        "unigram, top-1",
        "reverser: parameters",
    ):
        assert figure in report
    assert evaluate.report(data, work) == report


def test_a_held_out_text_that_was_read_elsewhere_asks_no_question(data: Path, work: Path) -> None:
    tokenizer = Tokenizer.from_file(str(work / "bert-mini" / "tokenizer.json"))
    document = corpus.Document("comments", ("The cat sees the dog again today.",))
    assert len(evaluate.questions([document], tokenizer, [])[0]) == 1
    assert evaluate.questions([document], tokenizer, [(document.lines[0], 1)]) == ([], [])


@given(st.lists(st.integers(min_value=0, max_value=20), max_size=30))
def test_backwards_turns_words_round_and_keeps_their_pieces(ids: list[int]) -> None:
    sentence = torch.tensor([[2, *ids]])
    whole_words = torch.zeros(21, dtype=torch.bool)
    assert torch.equal(backwards(sentence, whole_words), sentence.flip(1))
    pieces = torch.arange(21) % 2 == 1
    turned = backwards(sentence, pieces)
    assert sorted(turned[0].tolist()) == sorted([2, *ids])
    assert torch.equal(backwards(turned, pieces), sentence)


def test_the_reverser_learns_from_a_sentence_and_its_words_turned_round() -> None:
    batch = labelled(torch.tensor([[vocabularies.CLS, 7, 8, 15, 9, vocabularies.SEP]]), GOES_ON)
    assert batch["labels"].tolist() == [[9, 8, 15, 7, vocabularies.SEP]]


@given(
    st.lists(st.lists(st.integers(0, 20), min_size=1, max_size=6), min_size=1, max_size=6),
    st.integers(2, 12),
    st.integers(0, 2**32),
)
def test_runs_are_whole_sentences_of_one_document(sizes: list[list[int]], longest: int, seed: int) -> None:
    lengths = [size for document in sizes for size in document]
    ends = np.cumsum([sum(document) for document in sizes])
    ids = np.arange(sum(lengths), dtype=np.int16)
    text = encoded.Encoded(ids, np.cumsum(lengths), ends, np.ones(len(sizes)))
    runs = list(text.runs(longest, seed))
    assert all(0 < len(run) <= longest for run in runs)
    borders = {0, *np.cumsum(lengths).tolist()}
    for run in runs:
        assert run.tolist() == list(range(run[0], run[-1] + 1))
        assert run[0] in borders
        assert run[-1] + 1 in borders or len(run) == longest  # the rest of a long sentence is left out
        assert np.searchsorted(ends, run[0], side="right") == np.searchsorted(ends, run[-1], side="right")
    seen = {int(n) for run in runs for n in run}
    for start, size in zip(np.cumsum([0, *lengths]), lengths, strict=False):
        assert set(range(start, start + min(size, longest))) <= seen  # nothing else is


def test_documents_are_read_as_often_as_their_share_says() -> None:
    ends = np.array([4, 8, 12])
    text = encoded.Encoded(np.arange(12, dtype=np.int16), ends, ends, np.array([2.0, 0.0, 0.5]))
    batches = encoded.Text(text, Tokenizer(WordLevel({}, "")), 0, 12, CPU).batches(128, 90, 91)
    rows = [row for batch in islice(batches, 300) for row in batch["input_ids"].tolist()]
    assert all((row[0], row[-1]) == (90, 91) for row in rows)
    found = Counter(row[1] for row in rows)
    assert found[4] == 0
    assert found[0] / found[8] == pytest.approx(4, rel=0.5)


def test_batches_of_one_length_are_all_as_large_and_leave_nothing_out() -> None:
    """As many runs of four ids as do not fit into whole batches, and of six too few for a single one."""
    ends = np.cumsum([4] * 11 + [6])
    text = encoded.Encoded(np.arange(50, dtype=np.int16), ends, ends, np.ones(12))
    batches = encoded.Text(text, Tokenizer(WordLevel({}, "")), 0, 24, CPU).batches(128, 90, 91)
    found = [batch["input_ids"] for batch in islice(batches, 4)]
    assert sorted(tuple(batch.shape) for batch in found) == [(1, 8), (4, 6), (4, 6), (4, 6)]
    assert {number for batch in found for number in batch[:, 1:-1].flatten().tolist()} == set(range(50))


GOES_ON = torch.tensor([False] * 15 + [True] * 5)  # ids 15 to 19 go on with a word
SHARES = torch.tensor([0.0] * 5 + [0.5] * 15)


@given(st.lists(st.integers(5, 19), min_size=1, max_size=30), st.integers(0, 2**32))
def test_words_are_hidden_whole_and_special_tokens_never(ids: list[int], seed: int) -> None:
    row = torch.tensor([vocabularies.CLS, *ids, vocabularies.SEP, vocabularies.PAD])
    torch.manual_seed(seed)
    batch = masked_lm.mask_tokens(row[None], SHARES, GOES_ON)
    given_ids, labels = batch["input_ids"][0], batch["labels"][0]
    chosen = labels != masked_lm.NOT_PREDICTED
    hidden = given_ids == vocabularies.MASK
    assert not chosen[[0, -2, -1]].any()
    assert torch.equal(labels[chosen], row[chosen])
    assert torch.equal(given_ids[~hidden], row[~hidden])
    assert not (hidden & ~chosen).any()
    for at in range(2, len(ids) + 1):
        if ids[at - 1] >= 15:
            assert chosen[at] == chosen[at - 1]
            assert hidden[at] == hidden[at - 1]


def test_sentences_that_end_up_at_a_name_become_documents() -> None:
    said = "The capital of Japan is Tokyo. His friend was Mr. Smith. It was late. The best known is Harry Thomas."
    found = corpus.naming([corpus.Document("wiki", (said,))])
    assert [document.lines for document in found] == [
        ("The capital of Japan is Tokyo.",),
        ("The best known is Harry Thomas.",),
    ]


def test_counting_guesses_from_the_nearest_context_that_it_has_seen() -> None:
    words = np.array([False, *[True] * 9])
    question = np.array([1, 2, 9, 3, 4])  # the 9 is hidden
    counted = NGrams([question], [2], words)
    counted.count([np.array([5, 5, 1, 2, 7, 3, 4, 5, 5]), np.array([8, 8, 2, 6, 3, 8, 8, 8, 0, 0, 0, 0])])
    assert counted.guesses(0, 3) == [7, 6, 8]  # five tokens, then three, then the most frequent word
    assert counted.guesses(0, 1, widest=3) == [8]


def test_calibration_error_is_the_gap_between_score_and_truth() -> None:
    right = np.array([True] * 8 + [False] * 2)
    assert evaluate.calibration_error(np.full(10, 0.8), right) == pytest.approx(0)
    assert evaluate.calibration_error(np.full(10, 0.95), right) == pytest.approx(0.15)
    assert evaluate.calibration_error(np.full(10, 1.0), right) == pytest.approx(0.2)


def test_the_temperature_tames_a_classifier_that_is_too_sure(work: Path) -> None:
    model = sentiment.classifier(work / "bert-mini").eval()
    tokenizer = Tokenizer.from_file(str(work / "bert-mini" / "tokenizer.json"))
    batches = sentiment.labelled([("the cat", 0), ("the dog", 1)] * 50, tokenizer, seed=1)
    before = torch.cat([sentiment.logits_of(model, batch) for batch in batches])
    with torch.no_grad():
        model.classifier.weight *= 1000
    temperature = sentiment.calibrate(model, batches, CPU)
    after = torch.cat([sentiment.logits_of(model, batch) for batch in batches])
    assert temperature > 1
    assert torch.equal(before.argmax(-1), after.argmax(-1))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("it is n't bad .", "it isn't bad."),
        ("i do n't know , it 's ( almost ) over !", "i don't know, it's (almost) over!"),
        ("nothing to join", "nothing to join"),
    ],
)
def test_detokenize_joins_what_nobody_types_apart(words: str, sentence: str) -> None:
    assert sentiment_data.detokenize(words) == sentence


def test_a_copy_of_a_sentence_to_be_measured_on_is_not_trained_on() -> None:
    apart = ["-lrb- e -rrb- ventually , every idea in this film is flushed down the latrine of heroism ."]
    copy = "[e]ventually, every idea in this film is flushed down the latrine of heroism. Avoid!"
    other = "every idea in this film is new, and nobody will regret the time it takes to see them."
    assert sentiment_data.without_copies([(copy, 0), (other, 1)], apart) == [(other, 1)]


def test_a_denied_word_has_the_other_label_and_words_kept_apart_are_not_trained_on() -> None:
    trained, apart = dict(negations.training_examples()), dict(negations.held_out())
    assert (trained["It is bad."], trained["It is not bad at all."], trained["not good"]) == (0, 1, 0)
    assert (apart["It isn't boring."], apart["It isn't interesting."]) == (1, 0)
    assert not trained.keys() & apart.keys()


@given(st.lists(st.from_regex(r"[a-zéж]{1,9}|[0-9_]{4}|[!?]{4}", fullmatch=True), max_size=12), st.integers())
def test_a_typo_is_one_slip_in_a_longer_word(words: list[str], seed: int) -> None:
    typed = sentiment_data.mistyped(" ".join(words), random.Random(seed)).split()
    for before, after in zip(words, typed, strict=True):
        if not before.isalpha() or len(before) < 4:
            assert after == before
        assert abs(len(after) - len(before)) <= 1
        assert sum((Counter(before) - Counter(after)).values()) <= 1


def test_some_of_the_longer_words_have_a_typo() -> None:
    text = "wonderful " * 1000
    typed = sentiment_data.mistyped(text, random.Random(1)).split()
    assert sum(word != "wonderful" for word in typed) == pytest.approx(1000 * sentiment_data.SLIPS, rel=0.2)
