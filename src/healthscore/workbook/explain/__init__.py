"""The `Explain` sheet: why an account has its score, and which score it would have with other values."""
