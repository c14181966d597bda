"""What the heads say, and the coded targets that the data allows them to say.

A target is a row of a 0/1 table: every label that would be right. The loss is minus the log of the probability given
to them together, so that half-known labels (a reply whose places are not marked) teach what they know.
"""

from __future__ import annotations

from outguard.detection.commitments.scorer import BINDING_ACTS, LEAK_ACTS, SOFT_ACTS

NAMED = ("PERSON", "LOCATION", "ORGANIZATION", "STREET_ADDRESS", "DATE_OF_BIRTH")
VALUES = ("PASSWORD_OR_PIN", "HEALTH", "CREDENTIAL")
"""What only the words around tell: any word can be a password."""
ENTITIES = (*NAMED, *VALUES)
TAGS = ("O", *(f"{side}-{kind}" for kind in ENTITIES for side in "BI"))
ACTS = (*BINDING_ACTS, *SOFT_ACTS, *LEAK_ACTS, "none")
TYPES = (
    "REFUND", "CREDIT_OR_COMPENSATION", "DISCOUNT_OR_PRICE", "FEE_WAIVER", "CANCELLATION", "ACCOUNT_CHANGE",
    "REPLACEMENT", "DELIVERY_DATE", "CALLBACK_OR_CONTACT", "RESOLUTION_TIME", "GUARANTEE", "POLICY_EXCEPTION",
    "LIABILITY_ADMISSION", "LEGAL_MEDICAL_FINANCIAL_ADVICE", "OTHER", "NONE",
)  # fmt: skip
OUTPUTS = len(TAGS) + len(ACTS) + len(TYPES) + 2

ANY = "*"
NO_NAME = "no name"
"""A word outside the names of a text in which only names are marked."""
NO_VALUE = "no value"
"""A word outside the values of a text in which only they and persons are marked."""
NOT_MARKED = "O?"
"""A word of a text in which all but places and organizations is marked."""
HANDLE = "@"
DEED = "claim|promise"
HARMLESS = "harmless"
MAY_CLAIM = "may claim"
"""Harmless, or a claim or promise that an action stands behind."""
STATES = "states"
"""Terms, forecasts and denials: words that bind nobody, and are about something."""


def _open(*kinds: str) -> set[str]:
    return {"O"} | {tag for tag in TAGS if tag.endswith(kinds)}


_TAG_SETS = {tag: {tag} for tag in TAGS} | {
    ANY: set(TAGS),
    NOT_MARKED: _open("LOCATION", "ORGANIZATION"),
    NO_NAME: _open(*VALUES),
    NO_VALUE: _open("LOCATION", "ORGANIZATION", "STREET_ADDRESS", "DATE_OF_BIRTH"),
    HANDLE: {"O", "B-PERSON"},
}
_ACT_SETS = {act: {act} for act in ACTS} | {
    ANY: set(ACTS),
    DEED: {"claim", "promise"},
    HARMLESS: set(SOFT_ACTS) | {"none"},
    STATES: set(SOFT_ACTS),
    MAY_CLAIM: set(SOFT_ACTS) | {"none", "claim", "promise"},
}
_TYPE_SETS = {kind: {kind} for kind in TYPES} | {ANY: set(TYPES)}


class Table:
    """Codes of targets and, for each, the labels it allows."""

    def __init__(self, labels: tuple[str, ...], sets: dict[str, set[str]]) -> None:
        self.codes = {name: row for row, name in enumerate(sets)}
        self.rows = [[float(label in allowed) for label in labels] for allowed in sets.values()]


TAG_TABLE = Table(TAGS, _TAG_SETS)
ACT_TABLE = Table(ACTS, _ACT_SETS)
TYPE_TABLE = Table(TYPES, _TYPE_SETS)
TYPELESS = {"guarantee": "GUARANTEE", "admission": "LIABILITY_ADMISSION", "advice": "LEGAL_MEDICAL_FINANCIAL_ADVICE"}
