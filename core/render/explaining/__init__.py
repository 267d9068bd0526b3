"""Pictures of how a model came to an answer, one module each."""
