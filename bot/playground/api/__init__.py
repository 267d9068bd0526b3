"""The REST side of the local Discord: what a bot may send, and what is answered."""
