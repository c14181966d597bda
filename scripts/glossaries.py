"""Make the glossaries that ship (`models/languages`) from their lines (`scripts/languages/<language>.tsv`).

Usage: python scripts/glossaries.py [--check]
With `--check` nothing is written: the exit code is 1 where what ships is not what the lines give.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from outguard.detection.languages.glossary import ENGLISH, SUFFIX, pack, parse_lines, parts_of

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "models" / "languages"


_WORD = re.compile(r"[a-z]{2,}")
_LEAST_LANGUAGES = 2
"""An English word that the readings of so many languages have is no slip and no name."""


def made() -> dict[str, bytes]:
    """The files by name."""
    files: dict[str, bytes] = {}
    seen: Counter[str] = Counter()
    for source in sorted((HERE / "languages").glob("*.tsv")):
        entries = parse_lines(source.read_text(encoding="utf-8").splitlines())
        files[source.stem + SUFFIX] = pack(entries)
        seen.update(set(_WORD.findall(" ".join(set(entries.values())))))
    words = sorted(word for word, times in seen.items() if times >= _LEAST_LANGUAGES)
    return files | {ENGLISH: "\n".join(words).encode() + b"\n"}


def main() -> int:
    """Write or check every file."""
    is_check = sys.argv[1:] == ["--check"]
    files = made()
    stale = [name for name, data in files.items() if not is_shipped(name, data)]
    if is_check and stale:
        print(f"scripts/languages has changed ({', '.join(stale)}): run python scripts/glossaries.py")
    elif not is_check:
        SHIPPED.mkdir(exist_ok=True)
        for name in stale:
            (SHIPPED / name).write_bytes(files[name])
            print(f"{name}: {len(files[name])} bytes")
    return int(is_check and bool(stale))


def is_shipped(name: str, data: bytes) -> bool:
    """Whether what ships says the same; compression differs from one zlib to another."""
    path = SHIPPED / name
    if not path.exists():
        return False
    shipped = path.read_bytes()
    return shipped == data if name == ENGLISH else parts_of(shipped) == parts_of(data)


if __name__ == "__main__":
    sys.exit(main())
