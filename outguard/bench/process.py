"""What the operating system tells of a process."""

from __future__ import annotations

import shutil
import subprocess


def resident_bytes(pid: int) -> int | None:
    """The resident memory of a running process; None where `ps` cannot tell."""
    ps = shutil.which("ps")
    if ps is None:
        return None
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        [ps, "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    words = done.stdout.split()
    return int(words[0]) * 1024 if done.returncode == 0 and words and words[0].isdigit() else None
