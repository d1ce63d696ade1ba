"""``python -m sim`` is ``polku``."""

import sys

from sim.app.start import main

if __name__ == "__main__":
    sys.exit(main())
