"""Whom a pronoun means: sentences in which an attention head can be seen to find it, or not.

Pairs of sentences differ in a few words, and with them in what the pronoun means: Winograd schemas (Levesque et al.
2012). Beside them stand sentences in which only one noun can be meant. All are this project's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

# The sentence, the pronoun (its last occurrence is meant), the noun that it means, and the others, separated by "|".
SENTENCES = """
The animal didn't cross the street because it was too tired.|it|animal|street
The animal didn't cross the street because it was too wide.|it|street|animal
The trophy did not fit into the suitcase because it was too big.|it|trophy|suitcase
The trophy did not fit into the suitcase because it was too small.|it|suitcase|trophy
The ball broke the window because it was made of steel.|it|ball|window
The ball broke the window because it was made of thin glass.|it|window|ball
The truck passed the bus because it was going so fast.|it|truck|bus
The truck passed the bus because it was going so slowly.|it|bus|truck
The cat chased the mouse because it was hungry.|it|cat|mouse
The cat caught the mouse because it was too slow.|it|mouse|cat
The dog followed the man because it wanted some food.|it|dog|man
The horse pulled the cart until it was exhausted.|it|horse|cart
The horse pulled the cart until it lost a wheel.|it|cart|horse
The child dropped the cup because it was too hot.|it|cup|child
The bird left the nest because it could finally fly.|it|bird|nest
The bird left the nest because it was falling apart.|it|nest|bird
The teacher closed the window because it was making noise.|it|window|teacher
The car stopped at the house because it had run out of fuel.|it|car|house
The boat could not enter the harbour because it was too large.|it|boat|harbour
The boat could not enter the harbour because it was closed.|it|harbour|boat
The plant stood by the window because it needed light.|it|plant|window
The baby slept in the room until it was hungry again.|it|baby|room
The computer stood on the desk until it was sold.|it|computer|desk
The bridge crossed the river until it was destroyed.|it|bridge|river
The letter lay in the box because it had never been opened.|it|letter|box
The fish swam around the rock because it was looking for food.|it|fish|rock
The knife could not cut the bread because it was too blunt.|it|knife|bread
The knife could not cut the bread because it was too hard.|it|bread|knife
The table did not go through the door because it was too wide.|it|table|door
The table did not go through the door because it was too narrow.|it|door|table
The wolf watched the village because it was hungry.|it|wolf|village
The engine damaged the road because it was too heavy.|it|engine|road
The father carried the boy because he was too tired to walk.|he|boy|father
The father lifted the boy because he was very strong.|he|father|boy
The king feared the servant because he carried a knife.|he|servant|king
The doctor helped the man because he was in pain.|he|man|doctor
The boy thanked the man because he had found the ball.|he|man|boy,ball
The farmer sold the horse because he needed money.|he|farmer|horse,money
The driver left the car because he was afraid.|he|driver|car
The man opened the door because he had heard a noise.|he|man|door,noise
The soldier read the letter while he was waiting.|he|soldier|letter
The writer burned the book because he hated it so much.|he|writer|book
The mother called the girl because she was worried.|she|mother|girl
The mother comforted the girl because she was crying.|she|girl|mother
The queen praised the woman because she had been brave.|she|woman|queen
The nurse opened the window because she was too warm.|she|nurse|window
The girl kept the dog because she loved animals.|she|girl|dog,animals
The woman left the house because she was late.|she|woman|house
The actress read the letter before she went to bed.|she|actress|letter,bed
The daughter sold the house because she wanted to travel.|she|daughter|house
The sister wrote a letter because she missed the family.|she|sister|letter,family
The children left the school because they were hungry.|they|children|school
The soldiers left the village because they were afraid.|they|soldiers|village
The police stopped the workers because they were dangerous.|they|workers|police
The teachers helped the students because they were kind.|they|teachers|students
The teachers helped the students because they were struggling.|they|students|teachers
The birds left the tree because they heard a shot.|they|birds|tree,shot
The people entered the church because they wanted to sing.|they|people|church
The dogs chased the rabbits because they were hungry.|they|dogs|rabbits
The workers repaired the roof before they went home.|they|workers|roof,home
"""

Found = tuple[int, int, float, float]
"""A layer and a head, counted from 1, how often it finds the noun, and its mean weight there."""


@dataclass(frozen=True, slots=True)
class Pronoun:
    """A sentence with a pronoun, as positions of words.

    Attributes:
        text: The sentence.
        pronoun: Where its pronoun stands, as a span of characters.
        nouns: Where each noun stands; the first is meant.
    """

    text: str
    pronoun: tuple[int, int]
    nouns: tuple[tuple[int, int], ...]


def pronouns() -> Iterator[Pronoun]:
    """Every sentence, read."""
    for line in SENTENCES.strip().splitlines():
        text, pronoun, right, wrong = line.split("|")
        at = text.rindex(f" {pronoun} ") + 1
        nouns = tuple((start := text.index(f" {noun}") + 1, start + len(noun)) for noun in (right, *wrong.split(",")))
        yield Pronoun(text, (at, at + len(pronoun)), nouns)


@torch.no_grad()
def weights_on_nouns(folder: Path, sentences: Sequence[Pronoun]) -> np.ndarray:
    """The weight that each pronoun gives each noun ``(sentences, layers, heads, nouns)``; -1 where there are fewer.

    A noun of several tokens gets the sum of their weights.
    """
    model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows: list[np.ndarray] = []
    for sentence in sentences:
        encoded = tokenizer(sentence.text, return_tensors="pt", return_offsets_mapping=True)
        spans = encoded.pop("offset_mapping")[0].tolist()
        weights = torch.stack(model(**encoded, output_attentions=True).attentions)[:, 0].numpy()
        query = _tokens(spans, sentence.pronoun)[0]
        on = [weights[:, :, query, _tokens(spans, noun)].sum(-1) for noun in sentence.nouns]
        on += [np.full_like(on[0], -1.0)] * (3 - len(on))
        rows.append(np.stack(on, axis=-1))
    return np.stack(rows)


def _tokens(spans: Sequence[Sequence[int]], of: tuple[int, int]) -> list[int]:
    return [number for number, (start, end) in enumerate(spans) if of[0] <= start < end <= of[1]]


def best_head(folder: Path) -> Found:
    """The head that finds the right noun most often and looks at it most, by the product of both."""
    weights = weights_on_nouns(folder, [*pronouns()])
    right = (weights.argmax(-1) == 0).mean(0)
    mean = weights[..., 0].mean(0)
    layer, head = np.unravel_index(int((right * mean).argmax()), right.shape)
    return int(layer) + 1, int(head) + 1, float(right[layer, head]), float(mean[layer, head])
