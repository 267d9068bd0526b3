"""What single stops of a course ask of a model, beside its answers."""
