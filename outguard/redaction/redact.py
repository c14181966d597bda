"""Cut what policy says must not go, leave all else as it was.

Only findings to mask, replace or remove change anything. What cannot be cut exactly raises, so that the reply is held.
An attachment is cut in its text where it is plain text, else removed whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from outguard.domain.attachment_text import source_text
from outguard.domain.finding import Finding, FindingAction
from outguard.domain.payload_path import ROOT
from outguard.domain.reply import Attachment, Content, RedactionDetail
from outguard.errors import InvalidInputError
from outguard.redaction.operators import Words
from outguard.redaction.payload import redact_payload
from outguard.redaction.text import redact_text

_ATTACHMENTS = "attachments["


@dataclass(frozen=True, kw_only=True, slots=True)
class Redacted:
    """What is left, and one detail per thing cut: no detail holds content."""

    content: Content
    details: tuple[RedactionDetail, ...]


def redact(content: Content, findings: Sequence[Finding], policy: Words) -> Redacted:
    """`content` with the cuts that `findings` ask for.

    Raises:
        InvalidInputError: if a finding names a place that is not in the content.
    """
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.action.is_cut:
            groups[_part(finding.field)].append(finding)
    if not groups:
        return Redacted(content=content, details=())
    details: list[RedactionDetail] = []
    text = _text("text", content.text, groups.pop("text", []), policy, details)
    subject = _text("subject", content.subject, groups.pop("subject", []), policy, details)
    payload = content.payload
    in_payload = groups.pop(ROOT, [])
    if in_payload:
        if payload is None:
            raise InvalidInputError("a finding names a payload that is not there")
        payload, cut = redact_payload(payload, in_payload, policy)
        details += cut
    attachments = _attachments(content.attachments, groups.pop("attachments", []), policy, details)
    if groups:
        raise InvalidInputError("a finding names an unknown field")
    redacted = Content(subject=subject, text=text, payload=payload, attachments=attachments)
    return Redacted(content=redacted, details=tuple(details))


def _part(field: str | None) -> str:
    if field is None:
        return "text"
    if field.startswith(_ATTACHMENTS):
        return "attachments"
    return ROOT if field == ROOT or field.startswith((ROOT + ".", ROOT + "[", ROOT + "#")) else field


def _text(
    name: str, text: str | None, findings: Sequence[Finding], policy: Words, details: list[RedactionDetail]
) -> str | None:
    if not findings:
        return text
    if text is None:
        raise InvalidInputError("a finding names a text that is not there")
    redacted, cuts = redact_text(text, findings, policy)
    for cut in cuts:
        details += _details(name, cut.findings, cut.action)
    return redacted


def _details(field: str, findings: Sequence[Finding], action: FindingAction) -> list[RedactionDetail]:
    reasons = dict.fromkeys(finding.type for finding in findings)
    return [RedactionDetail(field=field, reason=reason, action=action.value) for reason in reasons]


def _attachments(
    attachments: tuple[Attachment, ...],
    findings: Sequence[Finding],
    policy: Words,
    details: list[RedactionDetail],
) -> tuple[Attachment, ...]:
    if not findings:
        return attachments
    by_field: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_field[finding.field or ""].append(finding)
    kept: list[Attachment] = []
    for index, attachment in enumerate(attachments):
        name = f"{_ATTACHMENTS}{index}]"
        groups = {field: by_field.pop(field) for field in list(by_field) if field.startswith(name)}
        left = _attachment(attachment, name, groups, policy, details) if groups else attachment
        if left is not None:
            kept.append(left)
    if by_field:
        raise InvalidInputError("a finding names an attachment that is not there")
    return tuple(kept)


def _attachment(
    attachment: Attachment,
    name: str,
    groups: dict[str, list[Finding]],
    policy: Words,
    details: list[RedactionDetail],
) -> Attachment | None:
    """What is left of one attachment; None where its words cannot be cut in place."""
    in_name = groups.pop(f"{name}.filename", [])
    in_text = groups.pop(name, [])
    source = source_text(attachment) if in_text else None
    if groups or (in_text and (source is None or any(finding.start < 0 for finding in in_text))):
        everything = [*in_text, *(finding for group in groups.values() for finding in group)]
        details += _details(name, everything, FindingAction.REMOVE)
        return None
    filename, cuts = redact_text(attachment.filename, in_name, policy)
    for cut in cuts:
        details += _details(f"{name}.filename", cut.findings, cut.action)
    if source is None:
        return replace(attachment, filename=filename)
    text, cuts = redact_text(source.text, in_text, policy)
    for cut in cuts:
        details += _details(name, cut.findings, cut.action)
    return replace(attachment, filename=filename, data=source.encode(text))
