"""How a place in a payload is named: `payload.orders[0].note`; the key itself is `payload.orders[0].note#key`.

A key holding a dot or bracket makes the path ambiguous; readers must treat every node of that path alike.
"""

from __future__ import annotations

ROOT = "payload"
KEY = "#key"


def member_path(path: str, key: object) -> str:
    """The path of the member `key` of the object at `path`."""
    return f"{path}.{key}"


def item_path(path: str, index: int) -> str:
    """The path of item `index` of the list at `path`."""
    return f"{path}[{index}]"


def key_path(path: str) -> str:
    """The name of the key of the member at `path`, as text of its own."""
    return path + KEY
