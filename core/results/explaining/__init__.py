"""How an answer came about: by word, by layer, by part, by number."""
