"""How a model came to an answer: by word, by layer, by part. Each is asked of a task's model, beside its answers."""
