"""Run as a program of its own: becomes the program it is given, which ends when the hub does.

    python tether.py PARENT LOCK PROGRAM [ARGUMENT ...]

Before it becomes PROGRAM it asks the kernel to end it together with the process (exactly: with the thread)
that started it, and writes its process id into the file open as descriptor LOCK. That descriptor stays open
in PROGRAM, and with it the lock on the file: whoever cannot take the lock knows that the database still runs,
and as which process, even where the kernel cannot end it for us. A function run between fork and exec would
do the same, but is unsafe in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(parent: str, lock: str, *command: str) -> None:
    os.pwrite(int(lock), f"{os.getpid()}\n".encode(), 0)
    os.ftruncate(int(lock), len(f"{os.getpid()}\n"))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):  # it ended before we could ask: no signal will come
            sys.exit("the process that asked for the database is gone")
    os.execv(command[0], command)  # noqa: S606  (no shell is the point)


if __name__ == "__main__":
    main(*sys.argv[1:])
