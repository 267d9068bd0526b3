"""What a picture says in words: numbers, names of tokens, what it shows, and what it does not."""
