"""`check`, and `python -m checker`: the command, which hears Ctrl-C also while it is being imported."""

import atexit
import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    atexit.register(gc.freeze)  # or Python would take apart what it has made, which takes half a second
    try:
        from checker.cli import main as command
    except KeyboardInterrupt:
        print("interrupted: nothing was decided", file=sys.stderr)
        sys.exit(3)
    command()


if __name__ == "__main__":
    main()
