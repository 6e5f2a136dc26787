"""How a command that converts data ends."""

import sys
from collections.abc import Callable


def exit_status(convert: Callable[[], None]) -> int:
    """Run a conversion; a wrong input or output ends it with one line, not with a traceback.

    Args:
        convert: Does the work and prints what came out.

    Returns:
        0; 2 after a ``ValueError``, ``OSError`` or ``ImportError``, whose message is printed;
        130 after an interrupt.
    """
    try:
        convert()
    except (ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command continues where it stopped.", file=sys.stderr)
        return 130
    return 0
