"""When somebody is at a placement, and how the hours grow."""
