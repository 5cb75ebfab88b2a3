"""`hubbub`, also `python -m hub`: runs one command.

Exit status: 0 fine, 1 it failed, 2 wrong usage or settings.
"""

import os
import sys
from collections.abc import Sequence

from hub.commands.errors import FAILED, tell
from hub.commands.frame import Call
from hub.commands.root import hubbub


def main(argv: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    call = Call()
    try:
        result = hubbub.main(args=given, prog_name="hubbub", standalone_mode=False, obj=call)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Exception, KeyboardInterrupt) as problem:  # noqa: BLE001  (the outermost guard: one sentence, no traceback)
        return tell(problem, as_json=call.output.as_json or "--json" in given)
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
