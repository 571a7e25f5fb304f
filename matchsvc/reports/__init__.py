"""Outcomes and equity, computed from outcome events."""
