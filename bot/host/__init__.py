"""What the bot needs of the computer that it runs on, and `attention-bot doctor`, which looks for it."""
