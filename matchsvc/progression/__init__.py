"""How far a participant has come: steps of a ladder, pauses, time limits, and what came after."""
