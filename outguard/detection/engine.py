"""The one place where detectors are put together: packs, code detectors, third-party Presidio recognizers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from outguard.detection.attribution import with_own_addresses
from outguard.detection.commitments.detector import CommitmentDetector
from outguard.detection.commitments.sentences import sentence_reader
from outguard.detection.document import Detector, Document
from outguard.detection.fingerprints.detector import RegisteredTextDetector
from outguard.detection.grounding.detector import GroundingDetector
from outguard.detection.identity import IdentityDetector
from outguard.detection.internal import InternalDetector
from outguard.detection.languages.detector import GlossedDetector, GlossedProse, LanguageDetector, Languages
from outguard.detection.languages.glossary import Lexicon
from outguard.detection.neural.detector import NeuralDetector
from outguard.detection.neural.scorer import NeuralSentenceReader
from outguard.detection.neural.shared import SharedReader
from outguard.detection.normalize import Normalized
from outguard.detection.others_values import OthersValueDetector
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.pack import load_packs
from outguard.detection.pattern import MIN_SCORE, WEAK_SCORE, Match, PatternScanner, check_examples
from outguard.detection.phrases import check_phrases, trigger_files
from outguard.detection.recognizers.company_ids import CompanyIdDetector
from outguard.detection.recognizers.own import OwnDetector
from outguard.detection.recognizers.presidio import CONFIG_NAME, load_recognizers
from outguard.detection.recognizers.said_digits import SaidDigitsDetector
from outguard.detection.recognizers.secret_examples import secret_status
from outguard.detection.recognizers.secrets_checks import SECRET_VALIDATORS
from outguard.detection.recognizers.validators import PII_VALIDATORS
from outguard.detection.scan import Scanner
from outguard.detection.triggers import TriggerDetector
from outguard.detection.wholes import whole_addresses
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.domain.policy import Problem

_BARE_SHARE = 4
"""A match is a text of its own where it is at least a quarter of it."""
_NEAR_NAME = 70
_CONTEXT = 60
"""Characters around an encoded value that its rules may ask for."""
_ENDS_IN_DIGIT = re.compile(r"\d[ -]\Z")
_STARTS_WITH_DIGIT = re.compile(r"[ -]\d")
_GREETING = "pii.person.greeting"

StatusOf = Callable[[Match, ReplyContext], Status | None]

VALIDATORS = {**PII_VALIDATORS, **SECRET_VALIDATORS}
"""Every check that a pack may name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackDetector:
    """Pack recognizers as a detector: scan the normalised text and each decoded view of it.

    `reply` holds the rules for a known recipient, `plain` those for a text without one. There, weak matches are
    reported too where they are much of what the text holds: a bare number has no context to ask for.
    """

    reply: PatternScanner
    plain: PatternScanner
    status_of: Mapping[str, StatusOf]
    """By the category's own word: a member is hashed in Python, at some cost for what is asked of every match."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """The packs' matches, with offsets into the original text."""
        normalized = document.normalized
        is_plain = context.customer is None
        scanner, floor = (self.plain, WEAK_SCORE) if is_plain else (self.reply, MIN_SCORE)
        text = normalized.text
        findings = [
            self._finding(match, normalized, document, context)
            for match in scanner.scan(text, floor)
            if match.score >= MIN_SCORE or _is_bare(match, text, len(text))
        ]
        for view in normalized.views:
            text, begin = _in_its_place(view, document.text)
            end = begin + len(view.text)
            for match in scanner.scan(text, floor):
                is_within = begin <= match.start and match.end <= end
                if is_within and (match.score >= MIN_SCORE or _is_bare(match, text, len(view.text))):
                    findings.append(self._finding(match, view, document, context))
        findings = whole_addresses(findings, document.text)
        if is_plain:
            return findings
        return with_own_addresses(_with_foreign_accounts(findings), document.text, context)

    def _finding(self, match: Match, view: Normalized, document: Document, context: ReplyContext) -> Finding:
        rule, start, end, score, _ = match
        start, end = view.original_span(start, end)
        category, status = rule.category, rule.status
        if category is Category.PII and context.customer is None:
            status = None
        elif status is None and (status_of := self.status_of.get(category._value_)) is not None:
            status = status_of(match, context)
        return Finding(
            category=category,
            type=rule.type,
            status=status,
            start=start,
            end=end,
            score=score,
            rule=rule.id,
            field=document.field,
        )


def _in_its_place(view: Normalized, text: str) -> tuple[str, int]:
    """A decoded view between the words around it, and where it begins there: its context is not encoded."""
    start, end = view.origin or (0, 0)
    before = text[max(0, start - _CONTEXT) : start]
    return before + view.text + text[end : end + _CONTEXT], len(before)


def _is_bare(match: Match, text: str, size: int) -> bool:
    """Whether a weak match is much of the `size` characters that count, and no piece of a longer number."""
    if (match.end - match.start) * _BARE_SHARE < size:
        return False
    goes_on = text[match.start].isdigit() and _ENDS_IN_DIGIT.search(text[max(0, match.start - 2) : match.start])
    follows = text[match.end - 1].isdigit() and _STARTS_WITH_DIGIT.match(text[match.end : match.end + 2])
    return not goes_on and not follows


def _with_foreign_accounts(findings: list[Finding]) -> list[Finding]:
    """Account numbers right after another person's name are that person's."""
    ends = [
        finding.end
        for finding in findings
        if finding.type == "PERSON" and finding.status is Status.OTHER and finding.rule != _GREETING
    ]
    if not ends:
        return findings
    return [
        replace(finding, status=Status.OTHER)
        if finding.type == "ACCOUNT_ID" and any(0 <= finding.start - end <= _NEAR_NAME for end in ends[:100])
        else finding
        for finding in findings
    ]


def _pii_status(ownership: OwnershipJudge, match: Match, context: ReplyContext) -> Status | None:
    """Whose value it is; a greeting's name is the reader's own where nothing else is known of their name."""
    if match.rule.id == _GREETING and context.customer is not None and not ownership.knows_name(context):
        return Status.OWN
    return ownership.status(match.rule.type, match.value, context)


def build_scanner(
    detector_files: Mapping[str, str], model: SharedReader | None = None, languages: Languages | None = None
) -> Scanner:
    """The scanner for a set of detector files (relative path to text), with the neural model's findings if given one.

    `languages` has the other languages that are judged; without it replies in them are held where they speak of money.

    Raises:
        PolicyError: with every problem of every file.
    """
    ownership = OwnershipJudge()
    packs = load_packs(_pack_files(detector_files), validators=frozenset(VALIDATORS))
    status_of: dict[str, StatusOf] = {
        Category.PII.value: lambda match, context: _pii_status(ownership, match, context),
        Category.SECRET.value: lambda match, _context: secret_status(match.value),
    }
    triggers = load_packs(trigger_files(detector_files), validators=frozenset())
    check_phrases((*packs, *triggers))
    scanner = PatternScanner(packs, VALIDATORS)
    reader = sentence_reader(detector_files)
    if model is not None:
        reader = NeuralSentenceReader(model, reader.scorer)
    languages = languages or Languages(Lexicon({}, frozenset()), ())
    detectors: list[Detector] = [
        PackDetector(
            reply=scanner.without("plain"),
            plain=scanner.without("reply"),
            status_of=status_of,
        ),
        OwnDetector(),
        GlossedDetector(CommitmentDetector(detector_files, reader), languages),
        GlossedProse(InternalDetector(detector_files, reader), languages),
        IdentityDetector(detector_files),
        LanguageDetector(languages),
        GroundingDetector(),
        RegisteredTextDetector(),
        OthersValueDetector(),
        CompanyIdDetector(),
        SaidDigitsDetector(ownership),
    ]
    if model is not None:
        detectors.append(NeuralDetector(model, detector_files))
    for name, text in sorted(detector_files.items()):
        if _base(name) == CONFIG_NAME:
            detectors.extend(load_recognizers(name, text, ownership))
    return Scanner(detectors, TriggerDetector(triggers))


def lint_detectors(detector_files: Mapping[str, str]) -> list[Problem]:
    """What the packs' own examples disprove.

    Raises:
        PolicyError: if the files do not load at all.
    """
    packs = load_packs(_pack_files(detector_files), validators=frozenset(VALIDATORS))
    packs += load_packs(trigger_files(detector_files), validators=frozenset())
    return [problem for pack in packs for problem in check_examples(pack, VALIDATORS)]


def _pack_files(files: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in files.items()
        if _base(name).startswith(("pii", "secrets", "custom", "tone")) and name.endswith((".yaml", ".yml"))
    }


def _base(name: str) -> str:
    return name.rsplit("/", 1)[-1]
