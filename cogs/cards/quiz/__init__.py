"""The card of a round of the quiz: what it looks like, and what it carries."""
