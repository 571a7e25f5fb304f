"""Placements, support package, follow-ups, surveys and employments."""
