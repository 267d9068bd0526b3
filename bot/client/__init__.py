"""The client that speaks to Discord: what it registers, whom it lets in, how it fails."""
