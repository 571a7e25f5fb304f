"""The engine, its explanation, and proposals."""
