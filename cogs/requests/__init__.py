"""The one way of a request from an interaction to its card: admitted, acknowledged, limited, asked, answered once.

What a card looks like is in `cogs.cards`; what its controls do once they are pressed in `cogs.actions`.
"""
