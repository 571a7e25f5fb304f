"""Append-only outcome events, written by every rule that a report counts."""
