"""Models of a few thousand weights, in the layout and with the classes of the real ones.

Their weights are random but large (`initializer_range`), so that every input gets an answer of its own. The longest
text is short enough to be exceeded.
"""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, ByteLevelBPETokenizer, Tokenizer
from tokenizers.processors import RobertaProcessing
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertTokenizer,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    MarianConfig,
    MarianMTModel,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
    T5Config,
    T5ForConditionalGeneration,
)

LONGEST = 48
"""Tokens that each model reads, special tokens included."""

LETTERS = string.ascii_lowercase + string.digits
WORDS = "the cat sat on mat it was tired good bad film very love hate is of capital france ready this because".split()
VOCABULARY = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *LETTERS,
    *(f"##{letter}" for letter in LETTERS),
    *string.punctuation,
    *WORDS,
]
SENTENCES = [f"{first} {second}, {third}." for first in WORDS for second in WORDS[:5] for third in WORDS[5:8]]

WRITER: dict[str, Any] = {
    "vocab_size": len(VOCABULARY),
    "d_model": 16,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
    "max_position_embeddings": LONGEST,
    "init_std": 0.6,
    "pad_token_id": 0,
    "eos_token_id": 3,
    "forced_eos_token_id": 3,
}


def build(folder: Path) -> None:
    """Write every model into a folder of its own, named as in the functions below."""
    torch.manual_seed(0)
    labels: dict[str, Any] = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}
    three: dict[str, Any] = {"id2label": dict(enumerate("ABC")), "label2id": {"A": 0, "B": 1, "C": 2}}
    save(folder / "bert-masked-lm", BertForMaskedLM(bert()), word_piece())
    save(folder / "bert-classifier", BertForSequenceClassification(bert(**labels)), word_piece())
    save(folder / "distilbert-masked-lm", DistilBertForMaskedLM(distilbert()), word_piece())
    save(folder / "distilbert-classifier", DistilBertForSequenceClassification(distilbert(**three)), word_piece())
    roberta = byte_level(RobertaProcessing(("</s>", 2), ("<s>", 0)), mask_token="<mask>", pad_token="<pad>")
    save(folder / "roberta-masked-lm", RobertaForMaskedLM(roberta_config(len(roberta))), roberta)
    gpt2 = byte_level(None)
    save(folder / "gpt2", GPT2LMHeadModel(gpt2_config(len(gpt2))), gpt2)
    save(folder / "bart", BartForConditionalGeneration(bart()), word_piece())
    save(folder / "t5", T5ForConditionalGeneration(t5()), word_piece())
    save(folder / "marian", MarianMTModel(marian()), word_piece())


def bert(**options: Any) -> BertConfig:
    return BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=LONGEST,
        initializer_range=0.6,
        **options,
    )


def distilbert(**options: Any) -> DistilBertConfig:
    return DistilBertConfig(
        vocab_size=len(VOCABULARY),
        dim=16,
        n_layers=2,
        n_heads=4,
        hidden_dim=24,
        max_position_embeddings=LONGEST,
        initializer_range=0.6,
        **options,
    )


def roberta_config(vocabulary: int) -> RobertaConfig:
    return RobertaConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=LONGEST + 2,  # positions are counted from the padding id plus one
        type_vocab_size=1,
        initializer_range=0.6,
    )


def gpt2_config(vocabulary: int) -> GPT2Config:
    return GPT2Config(vocab_size=vocabulary, n_embd=16, n_layer=2, n_head=4, n_positions=LONGEST, initializer_range=0.6)


def bart() -> BartConfig:
    """As many layers in the decoder as in the encoder are not to be counted on (distilbart has 12 and 6)."""
    return BartConfig(**WRITER, encoder_layers=3, bos_token_id=2, decoder_start_token_id=2)


def t5(num_layers: int = 3, num_decoder_layers: int = 2) -> T5Config:
    return T5Config(
        vocab_size=len(VOCABULARY),
        d_model=16,
        d_kv=8,
        d_ff=24,
        num_layers=num_layers,
        num_decoder_layers=num_decoder_layers,
        num_heads=4,
        initializer_factor=8.0,
        pad_token_id=0,
        eos_token_id=3,
        decoder_start_token_id=0,
    )


def marian() -> MarianConfig:
    return MarianConfig(
        **WRITER, encoder_layers=2, decoder_vocab_size=len(VOCABULARY), decoder_start_token_id=0, bos_token_id=2
    )


def word_piece() -> BertTokenizer:
    return BertTokenizer(vocab={piece: number for number, piece in enumerate(VOCABULARY)})


def byte_level(processor: RobertaProcessing | None, **special: str) -> PreTrainedTokenizerFast:
    """A byte-level BPE as GPT-2 has it, or with a `processor` and special tokens as RoBERTa has it."""
    trained = ByteLevelBPETokenizer()
    mask = AddedToken("<mask>", lstrip=True)  # it takes the space before it, as RoBERTa's does
    specials = ["<s>", "<pad>", "</s>", "<unk>", mask] if special else ["<|endoftext|>"]
    trained.train_from_iterator(SENTENCES, vocab_size=320, special_tokens=specials, show_progress=False)
    tokenizer = Tokenizer.from_str(trained.to_str())
    if processor:
        tokenizer.post_processor = processor
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=specials[2 if special else 0], **special)


def save(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast | BertTokenizer) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def change_config(folder: Path, **values: Any) -> None:
    """Overwrite some values of a saved configuration."""
    path = folder / "config.json"
    write_json(path, {**json.loads(path.read_text()), **values})


def write_json(path: Path, content: Any) -> None:
    """Write a file as the libraries would."""
    path.write_text(json.dumps(content))
