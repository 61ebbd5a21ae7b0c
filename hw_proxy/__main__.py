"""``python -m hw_proxy``: the same as the ``hw-proxy`` command."""

import sys

from hw_proxy.cli import main

sys.exit(main())
