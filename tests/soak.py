"""What `make soak` does and `make test` has no time for: SOAK=1, and the mark of the same name."""

import os

SOAK = bool(os.environ.get("SOAK"))
