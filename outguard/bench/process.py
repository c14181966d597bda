"""What the operating system tells of a process."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


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


def cpu_seconds(pid: int) -> float | None:
    """The processor time that a running process has used; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
