"""What the card of a round says of each kind of question."""

from __future__ import annotations

from core.quiz import Kind

QUESTIONS: dict[Kind, str] = {
    "word": "Which of these words does the model find most likely in the gap?",
    "tokens": "How many tokens does the model read? Start and end marks that it adds count, too.",
    "label": "Which label does the model give this text?",
}
"""Those that name nothing of the text."""

SAID, FOUND = "**The model's answer: {answer}**", "**The answer: {answer}**"

ANSWERS: dict[Kind, str] = {"word": SAID, "tokens": FOUND, "label": SAID, "head": FOUND, "look": FOUND}
"""How the right option is told: a model answers with words and labels, and says nothing of its heads."""

OPINIONS = {
    "positive": "The sentence was meant to be positive",
    "negative": "The sentence was meant to be negative",
}

LESSONS: dict[Kind, str] = {
    "word": "The model goes by which words stood in such places in the texts that it learnt from, not by what is true. "
    "Change a word beside the gap, and see.",
    "tokens": "Most tokenizers keep whole what was frequent in the texts that they were made from, and cut what was "
    "rare there. Try another spelling, or another language.",
    "label": "The model goes by what came with such labels in its training: what is meant between the lines may escape "
    "it. Try the opposite, with a “not”.",
    "head": "Nobody told that head to do this: it came about in training, and many models have heads like it. See what "
    "it does with another text.",
    "look": "That is one head of {count:,}: at the same time the others look elsewhere, and each answer draws on all "
    "of them. See where they look.",
}
"""Why it is so, and what to try next."""

LOST = "This round is over: the bot was started anew meanwhile or could not show the answer, and no guess is kept."
"""Of a round that is not under way, and whose answer is not shown yet."""
