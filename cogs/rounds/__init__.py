"""Rounds of guessing that are under way: who guessed what, when the count is shown anew, and when a round ends."""
