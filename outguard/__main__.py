"""`python -m outguard` is the `outguard` command."""

import sys

from outguard.cli.main import app

if __name__ == "__main__":
    sys.exit(app())
