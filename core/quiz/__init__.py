"""Questions with four options about what a model does with a sentence: made so that one option is right, and one only.

A question says what is asked, and not the answer: that is worked out from the model's result each time it is wanted, so
that whoever carries a question around, such as a custom_id, gives nothing away. Nothing here knows Discord or torch.
"""

from core.quiz.bank import OPINIONS, Sentence, find_sentence, read_sentences
from core.quiz.kinds import KINDS, Kind, Options
from core.quiz.making import LONGEST, Posed, ask_again, judge, pose
from core.quiz.question import NoQuestion, Question

__all__ = [
    "KINDS",
    "LONGEST",
    "OPINIONS",
    "Kind",
    "NoQuestion",
    "Options",
    "Posed",
    "Question",
    "Sentence",
    "ask_again",
    "find_sentence",
    "judge",
    "pose",
    "read_sentences",
]
