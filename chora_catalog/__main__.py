"""`python -m chora_catalog` is `chora`."""

import sys

from chora_catalog.cli.main import main

sys.exit(main())
