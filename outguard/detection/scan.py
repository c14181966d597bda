"""Documents to findings: run every detector, settle overlaps, sort.

Only personal data and secrets compete for the same words; promises and internal notes are whole sentences which may
hold both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from outguard.detection.document import Detector, Document
from outguard.detection.neural.edges import beside_numbers
from outguard.detection.triggers import TriggerDetector
from outguard.detection.wholes import whole_conditions
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, FindingAction, Status

_COMPETING = (Category.PII, Category.SECRET)
_UNJUDGED = 3
_RANKS = {
    Status.LIVE: 6,
    Status.OWN_SENSITIVE: 5,
    Status.OTHER: 4,
    Status.OWN: 2,
    Status.PUBLIC: 1,
    Status.PLACEHOLDER: 0,
}
_SEVERITY = {status.value: _RANKS.get(status, _UNJUDGED) for status in Status}
"""By the status's own words: a member is hashed in Python, at some cost for what is asked of every finding."""

_HARMFUL_FROM = _UNJUDGED

_MAX_CLUSTER = 200
"""Hostile text may chain any number of overlapping spans: a longer chain is reported whole, for linear time."""


_OWN_VALUE = "pii.own.account_id"
_GIVEN_RULE = "pii.password.given"
_PLAIN_KINDS = frozenset({"DEVICE_ID", "VEHICLE_ID", "IP_ADDRESS", "CRYPTO_WALLET", "GEO_COORDINATES"})
"""Kinds that are as harmless in their owner's hands as a number of no kind."""
_COMPETES_FROM = 0.4
_SURE_FROM = 0.8
_INDENT = 40
_POSTCODE = re.compile(
    r"\d{3,6}|\d{5}-\d{3,4}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
)
_NO_PART_OF_LINK = frozenset({"AGE", "DATE_TIME", "LOCATION", "ORGANIZATION", "URL", "ZIP_CODE"})
"""What a path of a link often looks like and seldom tells of somebody."""


class Scanner:
    """Runs detectors over documents."""

    def __init__(self, detectors: Sequence[Detector], triggers: TriggerDetector | None = None) -> None:
        self._detectors = tuple(detectors)
        self._triggers = triggers

    @property
    def detectors(self) -> tuple[Detector, ...]:
        """What it runs, in order."""
        return self._detectors

    def scan(self, documents: Sequence[Document], context: ReplyContext) -> list[Finding]:
        """All findings, sorted by field and start; of overlapping personal data and secrets the worthier are kept."""
        findings: list[Finding] = []
        for document in documents:
            found: list[Finding] = []
            for detector in self._detectors:
                found.extend(detector.detect(document, context))
            if found:
                findings.extend(_settled(found, document.text, is_plain=context.customer is None))
        if self._triggers is not None:
            findings.extend(self._triggers.find(context))
        if len(findings) > 1:
            findings.sort(key=_place)
        return findings


def _settled(found: list[Finding], text: str, *, is_plain: bool) -> list[Finding]:
    """The findings of one text, each told once; what only some kinds of finding ask for is done where there are any."""
    types = {one.type for one in found}
    rules = {one.rule for one in found}
    if "WRONG_NAME" in types:
        found.extend(_wrong_names(found))
    found = beside_numbers(found, text)
    if "HEALTH" in types:
        found = whole_conditions(found, text)
    if _OWN_VALUE in rules:
        found = _told_kinds(found)
    if "INTERNAL_RESOURCE" in types:
        found = _without_twice_told(found)
    if _GIVEN_RULE in rules:
        found = _given_passwords(found)
    if is_plain:
        found = [_named_postcode(one, text) for one in found]
    return settle(found) if len(found) > 1 else found


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding.field or "", finding.start, finding.end


def settle(findings: Iterable[Finding]) -> list[Finding]:
    """Drop what is said twice, and of competing findings on the same words the less worthy.

    A finding inside a longer one stays only where it is more severe than all that cover it: cutting the longer one
    might not be asked for.
    """
    settled: list[Finding] = []
    seen: set[tuple[Category, str, int, int]] = set()
    competing: list[Finding] = []
    weak: list[Finding] = []
    for finding in findings:
        if finding.category in _COMPETING and finding.start >= 0:
            (competing if finding.score >= _COMPETES_FROM else weak).append(finding)
            continue
        key = (finding.category, finding.type, finding.start, finding.end)
        if key not in seen:
            seen.add(key)
            settled.append(finding)
    if weak:
        settled.extend(_unrivalled(weak, competing))
    if len(competing) < 2:
        return settled + competing
    competing.sort(key=_from_longest)
    cluster: list[Finding] = []
    reach = -1
    for finding in competing:
        if cluster and finding.start >= reach:
            settled.extend(_winners(cluster))
            cluster = []
        cluster.append(finding)
        reach = max(reach, finding.end) if len(cluster) > 1 else finding.end
    settled.extend(_winners(cluster))
    return settled


def _from_longest(finding: Finding) -> tuple[int, int]:
    return finding.start, -finding.end


def _unrivalled(weak: list[Finding], strong: list[Finding]) -> list[Finding]:
    """Weak findings say what a bare value may be: each type once, and none where a sure one stands."""
    sure = [finding for finding in strong if finding.score >= _SURE_FROM]
    kept = {
        (finding.type, finding.start): finding
        for finding in weak
        if not any(other.start < finding.end and finding.start < other.end for other in sure[:_MAX_CLUSTER])
        and not any(
            other.type == finding.type and other.start <= finding.start < other.end for other in strong[:_MAX_CLUSTER]
        )
    }
    return list(kept.values())


def _winners(cluster: list[Finding]) -> list[Finding]:
    if len(cluster) == 1 or len(cluster) > _MAX_CLUSTER:
        return cluster
    start, end = cluster[0].start, cluster[0].end
    if start < end and all(one.start == start and one.end == end for one in cluster):
        return [max(cluster, key=_worth)]
    kept: list[Finding] = []
    for finding in sorted(cluster, key=_worth, reverse=True):
        rivals = [winner for winner in kept if winner.start < finding.end and finding.start < winner.end]
        if all(
            _is_worse_part(finding, rival) or _sticks_out(finding, rival) or _stands_in_link(finding, rival)
            for rival in rivals
        ):
            kept.append(finding)
    return kept


def _worth(finding: Finding) -> tuple[bool, int, int, int]:
    length = finding.end - finding.start
    score = round(finding.score * 10)
    is_secret = finding.category is Category.SECRET and finding.status is not Status.PLACEHOLDER
    return is_secret, score + _extra(length), severity(finding), length


def _extra(length: int) -> int:
    """A long span says more than a short one of the same score."""
    return min(length // 6, 5)


def _is_worse_part(finding: Finding, rival: Finding) -> bool:
    is_part = rival.start <= finding.start and finding.end <= rival.end
    is_whole = is_part and finding.end - finding.start == rival.end - rival.start
    return is_part and not is_whole and finding.type != rival.type and severity(finding) > severity(rival)


def _sticks_out(finding: Finding, rival: Finding) -> bool:
    """Whether a harmful finding reaches beyond a harmless one, which would let those words go."""
    is_part = rival.start <= finding.start and finding.end <= rival.end
    return not is_part and severity(rival) < _HARMFUL_FROM <= severity(finding)


def _stands_in_link(finding: Finding, rival: Finding) -> bool:
    """Whether a value stands in a link that is told as such: a link says nothing of what it carries."""
    return rival.type == "URL" and rival.start < finding.start and finding.type not in _NO_PART_OF_LINK


def severity(finding: Finding) -> int:
    """How bad it would be to send these words."""
    status = finding.status
    return _UNJUDGED if status is None else _SEVERITY[status._value_]


def _without_twice_told(findings: list[Finding]) -> list[Finding]:
    """Of an inside host or ticket told as internal resource and as the reader's own, the stricter is kept."""
    hosts = [one for one in findings if one.category is Category.INTERNAL and one.type == "INTERNAL_RESOURCE"]
    if not hosts:
        return findings
    return [
        one
        for one in findings
        if one.type not in {"IP_ADDRESS", "ACCOUNT_ID"}
        or one.status is not Status.OWN
        or not any(host.start <= one.start and one.end <= host.end for host in hosts[:_MAX_CLUSTER])
    ]


def _given_passwords(findings: list[Finding]) -> list[Finding]:
    """A password that the words hand to the reader is the reader's own, and no credential of the company."""
    given = [one for one in findings if one.rule == _GIVEN_RULE]
    if not given:
        return findings
    return [
        one
        for one in findings
        if (one.category, one.type) != (Category.SECRET, "PASSWORD")
        or not any(other.start <= one.start and one.end <= other.end for other in given[:_MAX_CLUSTER])
    ]


def _named_postcode(finding: Finding, text: str) -> Finding:
    """A postcode on a line of its own that was told as an address; only texts without a customer name it apart."""
    if finding.type != "STREET_ADDRESS" or _POSTCODE.fullmatch(text, finding.start, finding.end) is None:
        return finding
    is_line = text[max(0, finding.start - _INDENT) : finding.start].rstrip(" >\t").endswith("\n")
    return replace(finding, type="ZIP_CODE") if is_line else finding


def _told_kinds(findings: list[Finding]) -> list[Finding]:
    """A known value without a form of its own is of the kind that a rule tells by the words around it."""
    known = {(one.start, one.end) for one in findings if one.rule == _OWN_VALUE}
    told = {(one.start, one.end) for one in findings if one.type in _PLAIN_KINDS} & known if known else set()
    if not told:
        return findings
    return [
        replace(one, status=Status.OWN) if one.type in _PLAIN_KINDS and (one.start, one.end) in told else one
        for one in findings
        if one.rule != _OWN_VALUE or (one.start, one.end) not in told
    ]


def _wrong_names(findings: list[Finding]) -> list[Finding]:
    """A name the recipient does not have is also another person's name."""
    return [
        replace(finding, category=Category.PII, type="PERSON", status=Status.OTHER, action=FindingAction.RECORD)
        for finding in findings
        if finding.category is Category.IDENTITY and finding.type == "WRONG_NAME" and finding.start >= 0
    ]
