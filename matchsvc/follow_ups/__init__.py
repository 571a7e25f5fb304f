"""The monthly follow-up: what was said, seen and agreed, kept so that nothing is lost."""
