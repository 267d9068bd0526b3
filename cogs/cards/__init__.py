"""What an answer looks like: text, picture and controls, and how a card is read back.

Interactions are answered elsewhere, in `cogs.requests` and `cogs.actions`.
"""
