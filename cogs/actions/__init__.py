"""What the controls of a card do when they are pressed. How they look and what they are called is in `cogs.cards`."""
