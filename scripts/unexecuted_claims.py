"""Write the set of replies that claim a write which was not executed, for `outguard eval`.

Usage: python scripts/unexecuted_claims.py DIALOGUES.jsonl.gz --out FILE.jsonl
Input: the lines that `outguard replay` reads. Then: outguard eval FILE.jsonl (QUARANTINE recall is the figure).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from outguard.bench.corpus import parse_json, read_lines
from outguard.bench.unexecuted import unexecuted_claims


def main() -> None:
    """Read, make, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogues")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    count = 0
    with options.out.open("w", encoding="utf-8") as out:
        for line in read_lines(options.dialogues):
            for scenario in unexecuted_claims(parse_json(line)):
                out.write(json.dumps(scenario, ensure_ascii=False) + "\n")
                count += 1
    print(f"{options.out}: {count} replies")


if __name__ == "__main__":
    main()
