"""For any WSGI server: ``gunicorn wsgi:app``."""

import os

from matchsvc.app import create_app
from matchsvc.config import Config

app = create_app(Config.from_environ(os.environ))
