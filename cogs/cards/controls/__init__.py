"""Buttons, selects and forms of a card: what all of them are made of, and those of each kind of answer."""
