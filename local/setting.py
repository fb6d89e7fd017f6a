"""Settings for what runs on the standard library alone; everything else has `pipeline.settings`."""

import os
from pathlib import Path

FILE = Path(__file__).parents[1] / ".env"


def setting(name: str, default: str = "") -> str:
    """A setting as text: from the environment, else from `.env`."""
    if os.environ.get(name):
        return os.environ[name]
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(f"{name}=")), "") or default
