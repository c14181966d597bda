"""Walk a structured payload and make the cuts; what comes back is new, valid JSON of the same shape.

Findings name places by path (`domain.payload_path`). A whole object or field is removed from its object, or becomes
null in a list; text is cut by offsets; a number with a finding becomes text. The walk keeps its own queue, so depth
costs memory only.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from outguard.domain.finding import Finding, FindingAction
from outguard.domain.payload_path import ROOT, item_path, key_path, member_path
from outguard.domain.reply import RedactionDetail
from outguard.errors import InvalidInputError
from outguard.redaction.cuts import leading, strictest
from outguard.redaction.operators import Words, replacement
from outguard.redaction.text import redact_text

_GONE = object()
_Place = tuple[str, str]
"""A path as findings name it, and as it may be shown: with its keys redacted."""


def redact_payload(
    payload: Mapping[str, Any], findings: Sequence[Finding], policy: Words
) -> tuple[dict[str, Any], list[RedactionDetail]]:
    """`payload` with the findings' cuts made, and what was done.

    Raises:
        InvalidInputError: if a finding names text that is not there.
    """
    walk = _Walk(findings, policy)
    result = walk.run(payload)
    walk.check_all_done()
    return (result if isinstance(result, dict) else {}), walk.details


def _drop_emptied(holders: Sequence[tuple[Any, Any, Any]]) -> None:
    """Remove objects and lists that held something and from which everything was removed, the innermost first."""
    for source, holder, name in reversed(holders):
        if not source or not isinstance(source, Mapping | list | tuple):
            continue
        left = holder[name]
        if left == {} or (isinstance(left, list) and _is_emptied(source, left)):
            if isinstance(holder, dict):
                del holder[name]
            else:
                holder[name] = None


def _is_emptied(source: Any, left: Sequence[Any]) -> bool:
    return all(item is None for item in left) and any(item is not None for item in source)


def number_text(value: float | Decimal) -> str:
    """A number as it is scanned and shown: without the `.0` that JSON readers add to whole numbers."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class _Walk:
    """One pass over a payload, breadth first."""

    def __init__(self, findings: Sequence[Finding], policy: Words) -> None:
        self._policy = policy
        self._by_path: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.action.is_cut:
                self._by_path[finding.field or ROOT].append(finding)
        self._left = {path for path, group in self._by_path.items() if any(one.start >= 0 for one in group)}
        self._removed: list[str] = []
        self.details: list[RedactionDetail] = []

    def run(self, root: Any) -> Any:
        """The redacted form of `root`."""
        result = self._value(root, (ROOT, ROOT))
        waiting = deque([(root, result, (ROOT, ROOT))])
        holders: list[tuple[Any, Any, Any]] = []
        while waiting:
            source, made, (path, shown) = waiting.popleft()
            if isinstance(made, dict):
                for key, item in source.items():
                    name = self._key(key, member_path(path, key), shown, (source, made))
                    place = member_path(path, key), member_path(shown, name)
                    value = self._value(item, place)
                    if value is not _GONE:
                        made[name] = value
                        waiting.append((item, value, place))
                        holders.append((item, made, name))
            elif isinstance(made, list):
                for index, item in enumerate(source):
                    place = item_path(path, index), item_path(shown, index)
                    value = self._value(item, place)
                    made.append(None if value is _GONE else value)
                    waiting.append((item, value, place))
                    holders.append((item, made, index))
        if self._removed:
            _drop_emptied(holders)
        return result

    def check_all_done(self) -> None:
        """Refuse where a finding's text was not met on the way, nor was inside something removed."""
        roots = tuple(path + mark for path in self._removed for mark in ".[#")
        if any(not path.startswith(roots) for path in self._left):
            raise InvalidInputError("a finding names a payload field that is not there", field=ROOT)

    def _value(self, value: Any, place: _Place) -> Any:
        path, shown = place
        group = self._by_path.get(path) if self._by_path else None
        self._left.discard(path)
        if group and value is not None:
            action = strictest(one.action for one in group)
            is_text = isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)
            if any(one.start < 0 for one in group) and (action is FindingAction.REMOVE or not is_text):
                self._removed.append(path)
                self._note(shown, group, FindingAction.REMOVE)
                return _GONE
            if isinstance(value, str):
                return self._text(value, shown, group)
            if is_text:
                self._note(shown, group, action)
                return replacement(number_text(value), leading(group), action, self._policy)
        if isinstance(value, Mapping):
            return {}
        return [] if isinstance(value, list | tuple) else value

    def _text(self, value: str, shown: str, group: Sequence[Finding]) -> str:
        text, cuts = redact_text(value, group, self._policy)
        for cut in cuts:
            self._note(shown, cut.findings, cut.action)
        return text

    def _key(self, key: Any, path: str, shown: str, taken: tuple[Mapping[Any, Any], ...]) -> str:
        """The key as it may be shown: never removed, never the same as another."""
        name = str(key)
        group = self._by_path.get(key_path(path)) if self._by_path else None
        self._left.discard(key_path(path))
        if not group:
            return name
        cut = [replace(finding, action=FindingAction.REPLACE) for finding in group]
        name = free = redact_text(name, cut, self._policy)[0]
        count = 1
        while any(free in keys for keys in taken):
            count += 1
            free = f"{name}_{count}"
        self._note(member_path(shown, free), group, FindingAction.REPLACE)
        return free

    def _note(self, shown: str, findings: Sequence[Finding], action: FindingAction) -> None:
        self.details.extend(
            RedactionDetail(field=shown, reason=reason, action=action.value)
            for reason in dict.fromkeys(finding.type for finding in findings)
        )
