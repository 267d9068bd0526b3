"""What Discord's client does for a person: reading what is typed, filling in forms, showing messages."""
