"""Pictures of attention weights, one module each."""
