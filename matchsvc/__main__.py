"""``python -m matchsvc``: the same as the ``matchsvc`` command."""

from __future__ import annotations

from matchsvc.cli import main

if __name__ == "__main__":
    main()
