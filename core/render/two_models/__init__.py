"""What two models make of one text, side by side."""
