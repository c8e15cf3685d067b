"""A child of ``postdesk run``: gone at once when the supervisor is, from its first moment on."""

from __future__ import annotations

import os
import threading


def _leave_with_parent() -> None:
    """The supervisor holds our standard input: at its end, whatever ended it, we end.

    Nothing is drained: a desk that was killed is safe, and its ports must be free for the next.
    """
    while os.read(0, 1024):
        pass
    os._exit(1)


def main() -> None:
    """Watch first, then load what the command needs: that takes a second or two."""
    threading.Thread(target=_leave_with_parent, name="parent", daemon=True).start()
    from scripts.postdesk import main as command

    command()


if __name__ == "__main__":
    main()
