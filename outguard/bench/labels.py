"""What other people's labels are called here.

A set's label counts only where `OUR_TYPE` names a type of ours for it; the others are told as left out. Labels that are
types of ours already stand for themselves. Where a set does not label one of our finer types, `BROADER` says what its
findings count as (a date of birth is a date to a set that knows dates only).
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PATTERN_TYPES = _words(
    "CREDIT_CARD EMAIL_ADDRESS PHONE_NUMBER STREET_ADDRESS BANK_ACCOUNT IBAN US_SSN NATIONAL_ID PASSPORT "
    "DRIVER_LICENSE IP_ADDRESS VEHICLE_ID DEVICE_ID CRYPTO_WALLET URL ZIP_CODE AGE"
)
"""Types with a form of their own: what patterns and checks find without a model."""

FREE_TYPES = _words("PERSON LOCATION ORGANIZATION NRP TITLE DATE_TIME")
"""Types told by words: names, places, titles, dates."""

_TYPES = PATTERN_TYPES | FREE_TYPES | _words("ACCOUNT_ID DATE_OF_BIRTH HEALTH PASSWORD_OR_PIN CVV GEO_COORDINATES")

_NATIONAL_IDS = _words("""
    AU_ABN AU_ACN AU_MEDICARE AU_TFN CA_SIN DE_BSNR DE_HEALTH_INSURANCE DE_ID_CARD DE_LANR DE_SOCIAL_SECURITY DE_TAX_ID
    DE_TAX_NUMBER DE_VAT_ID ES_NIE ES_NIF FI_PERSONAL_IDENTITY_CODE IN_AADHAAR IN_GSTIN IN_PAN IN_VOTER IT_FISCAL_CODE
    IT_IDENTITY_CARD IT_VAT_CODE KR_BRN KR_FRN KR_RRN MEDICAL_LICENSE NG_NIN PH_TIN PL_PESEL SE_ORGANISATIONSNUMMER
    SE_PERSONNUMMER SG_NRIC_FIN SG_UEN TH_TNIN TR_NATIONAL_ID UK_NHS UK_NINO US_MBI US_NPI ZA_ID_NUMBER
""")

OUR_TYPE: Mapping[str, str] = {
    **{name: name for name in _TYPES},
    **dict.fromkeys(_NATIONAL_IDS, "NATIONAL_ID"),
    **dict.fromkeys(("DE_PASSPORT", "ES_PASSPORT", "IN_PASSPORT", "IT_PASSPORT"), "PASSPORT"),
    **dict.fromkeys(("KR_PASSPORT", "UK_PASSPORT", "US_PASSPORT"), "PASSPORT"),
    **dict.fromkeys(("US_DRIVER_LICENSE", "IT_DRIVER_LICENSE", "KR_DRIVER_LICENSE"), "DRIVER_LICENSE"),
    **dict.fromkeys(("UK_DRIVING_LICENCE", "DE_FUEHRERSCHEIN"), "DRIVER_LICENSE"),
    **dict.fromkeys(("IN_VEHICLE_REGISTRATION", "NG_VEHICLE_REGISTRATION", "UK_VEHICLE_REGISTRATION"), "VEHICLE_ID"),
    **dict.fromkeys(("TR_LICENSE_PLATE", "DE_KFZ"), "VEHICLE_ID"),
    **dict.fromkeys(("PHONE", "PH_MOBILE_NUMBER", "TR_PHONE_NUMBER"), "PHONE_NUMBER"),
    **dict.fromkeys(("ABA_ROUTING_NUMBER", "US_BANK_NUMBER"), "BANK_ACCOUNT"),
    **dict.fromkeys(("UK_POSTCODE", "DE_PLZ"), "ZIP_CODE"),
    **dict.fromkeys(("GPE", "LOC"), "LOCATION"),
    "ADDRESS": "STREET_ADDRESS",
    "CRYPTO": "CRYPTO_WALLET",
    "DOMAIN_NAME": "URL",
    "IBAN_CODE": "IBAN",
    "MAC_ADDRESS": "DEVICE_ID",
    "ORG": "ORGANIZATION",
    "PER": "PERSON",
    "SWIFT_CODE": "BANK_ACCOUNT",
    "US_ITIN": "US_SSN",
}
"""Label of a set, or entity of Presidio, to our type."""

BROADER: Mapping[str, str] = {"DATE_OF_BIRTH": "DATE_TIME", "US_SSN": "NATIONAL_ID"}
"""Our type to the broader one that a set may label instead."""


def is_same(labelled: str, found: str) -> bool:
    """Whether a finding of type `found` answers a label of type `labelled`."""
    return labelled == found or BROADER.get(found) == labelled
