"""How a text goes on: one token after the other, with what could have come instead."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

from core.asking.service import Service
from core.errors import BadInput
from core.questions import Continuation
from core.reading.continuation import MOST_WRITTEN, append_written, check_written, spell_next
from core.reading.sampling import check_sampling
from core.reading.tokenizers.tokenizer import ModelTokenizer
from core.results import Chance, NextToken, Sampling, Tokenization, Written

STEP_TOKENS = 16
"""About as many tokens can be read in the time that it takes to write one: all weights are fetched for it."""


class Writing(Service):
    """Going on with a text; `model` and `tenant` as in `core.asking.answers`."""

    async def write(
        self,
        text: str,
        *,
        count: int = 10,
        likeliest: bool = False,
        written: Sequence[int] = (),
        temperature: float = 1.0,
        top_k: int = 50,
        top_p: float = 1.0,
        seed: int = 0,
        model: str = "",
        tenant: Hashable = None,
    ) -> Written:
        """Let a causal model go on with a text, and say what could come next.

        The same text, options and model give the same tokens, however many are written at once, and on any runner; a
        draw is made from the seed and from how many tokens stand before it. Options are as `transformers` has them.

        Args:
            text: What to go on with.
            count: How many tokens to write; at most `MOST_WRITTEN` together with those written before.
            likeliest: Whether to take the likeliest each time, rather than to draw.
            written: The ids of tokens that were written behind the text before.
            temperature: Divides logits: below 1 what is likely becomes likelier still; 0 takes the likeliest.
            top_k: How many of the likeliest may be drawn; 0 for all.
            top_p: Draw among as few of the likeliest as have so much probability together; 1 for all.
            seed: Another one draws other tokens.
            model: A name, or empty.
            tenant: Whom it is for.
        """
        sampling, written = check_sampling(temperature, top_k, top_p, seed), tuple(written)
        if not 0 <= count <= MOST_WRITTEN:
            raise BadInput("From 0 to {most} tokens are written: choose one of these numbers.", most=MOST_WRITTEN)
        prompt = await self._source("write", text, model)
        tokenizer = await self._tokenizer(prompt.model)
        check_written(tokenizer, prompt, written)
        count = min(count, MOST_WRITTEN - len(written))
        how = (sampling.temperature, sampling.top_k, sampling.top_p, sampling.seed)
        question = Continuation(tuple(prompt.ids), written, count, tokenizer.limit, likeliest, *how)
        times = 1 + -(-(len(written) + count * STEP_TOKENS) // len(prompt.tokens))
        found = await self._run("write", question, prompt, tenant, times, "causal")
        return await asyncio.to_thread(_written, tokenizer, prompt, sampling, *found)


def _written(
    tokenizer: ModelTokenizer,
    prompt: Tokenization,
    sampling: Sampling,
    ids: Sequence[int],
    chances: Sequence[tuple[float, int]],
    following: Sequence[tuple[int, float, float]],
    left: tuple[int, int],
    vocabulary: int,
    ended: bool,
    full: bool,
) -> Written:
    """What a device found out: see `core.tasks.writing.Continued`."""
    source = append_written(tokenizer, prompt, ids)
    words = spell_next(tokenizer, source, [id for id, *_ in following])
    return Written(
        source,
        prompt.text,
        tuple(Chance(*one) for one in chances),
        sampling,
        tuple(NextToken(id, word, *shares) for word, (id, *shares) in zip(words, following, strict=True)),
        left,
        vocabulary,
        "said" if ended else "full" if full else "most" if len(ids) >= MOST_WRITTEN else "",
    )
