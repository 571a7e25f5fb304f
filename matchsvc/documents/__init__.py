"""The documents a placement ends with: what was seen, what was shown, and who was given it."""
