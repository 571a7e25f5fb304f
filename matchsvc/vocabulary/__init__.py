"""Concepts, conditions, importers, and the linking of free text."""
