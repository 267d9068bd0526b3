"""What each stop of /learn says, shows and asks: what they share is in `words`."""
