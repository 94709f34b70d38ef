"""`python -m chora_catalog` is `chora`."""

from chora_catalog.cli.main import run

run()
