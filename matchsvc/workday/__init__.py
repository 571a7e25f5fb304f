"""Tasks: what somebody promised to do, about a case, an employer or a placement."""
