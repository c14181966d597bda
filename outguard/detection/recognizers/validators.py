"""Checks that a pattern cannot express: checksums, lengths, ranges. The closed table that packs may name.

Each takes the matched words as written (separators included) and answers whether they can be the real thing. None
raises on any text.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import phonenumbers

from outguard.detection.recognizers.codes import CODE_VALIDATORS
from outguard.detection.recognizers.keccak import keccak_256
from outguard.detection.recognizers.national_ids import NATIONAL_VALIDATORS
from outguard.detection.recognizers.tax_ids import TAX_VALIDATORS
from outguard.detection.recognizers.world_ids import WORLD_VALIDATORS

Validator = Callable[[str], bool]

_GROUPS = re.compile(r"\d+")
_SIGNS = re.compile(r"\D+")
_LONGEST_CARD_GROUP = 8
_FIRST_GROUPS = frozenset({1, 2, 4, 6, 8})
"""Cards are written in one go or in groups; a longer group, or one comma among other gaps, is another number's."""
_LUHN_DOUBLE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def digits_of(value: str) -> str:
    """The ASCII digits of `value`."""
    return "".join(character for character in value if character in "0123456789")


def compact(value: str) -> str:
    """The ASCII letters and digits of `value`, upper case."""
    return "".join(character for character in value if character.isascii() and character.isalnum()).upper()


def is_luhn(value: str) -> bool:
    """The mod-10 check of ISO/IEC 7812."""
    digits = digits_of(value)
    total = sum(
        ord(digit) - 48 if index % 2 == 0 else _LUHN_DOUBLE[ord(digit) - 48]
        for index, digit in enumerate(reversed(digits))
    )
    return len(digits) > 1 and total % 10 == 0 and len(set(digits)) > 1


def is_card(value: str) -> bool:
    """Luhn, and an issuer's range with one of its lengths."""
    digits = digits_of(value)
    groups = [len(group) for group in _GROUPS.findall(value)]
    signs = {sign.strip() for sign in _SIGNS.findall(value)}
    is_grouped_oddly = len(groups) > 1 and (
        max(groups) > _LONGEST_CARD_GROUP or groups[0] not in _FIRST_GROUPS or ("," in signs and len(signs) > 1)
    )
    return len(digits) in _card_lengths(digits) and is_luhn(digits) and not is_grouped_oddly


_CARD_RANGES: tuple[tuple[int, int, frozenset[int]], ...] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in (
        (1000, 1799, (15,)), (1800, 1800, (15, 16)), (1801, 1999, (15,)),
        (2131, 2131, (15, 16)), (2200, 2204, (16,)), (2221, 2720, (16,)),
        (3000, 3059, (14, 16, 19)), (3400, 3499, (15,)), (3528, 3589, (16, 17, 18, 19)), (3600, 3699, (14, 16, 19)),
        (3700, 3799, (15,)),
        (3800, 3999, (14, 16, 19)), (4000, 4999, (13, 16, 19)), (5000, 5099, range(12, 20)), (5100, 5599, (16,)),
        (5600, 5899, range(12, 20)), (6000, 6299, range(12, 20)), (6300, 6999, range(12, 20)),
        (8100, 8299, (16, 17, 18, 19)), (9792, 9792, (16,)),
    )
)  # fmt: skip
"""First four digits from, to, and the lengths their issuers use."""


def is_card_shape(value: str) -> bool:
    """An issuer's range with one of its lengths, whatever the check digit: a card number with a slip in it."""
    digits = digits_of(value)
    return len(digits) in _card_lengths(digits) and len(set(digits)) > 2


def _card_lengths(digits: str) -> frozenset[int]:
    first = int(digits[:4] or 0)
    return next((lengths for low, high, lengths in _CARD_RANGES if low <= first <= high), frozenset())


_IBAN_LENGTHS = {
    pair[:2]: int(pair[2:])
    for pair in [
        "AD24",
        "AE23",
        "AL28",
        "AT20",
        "AZ28",
        "BA20",
        "BE16",
        "BG22",
        "BH22",
        "BI27",
        "BR29",
        "BY28",
        "CH21",
        "CR22",
        "CY28",
        "CZ24",
        "DE22",
        "DJ27",
        "DK18",
        "DO28",
        "EE20",
        "EG29",
        "ES24",
        "FI18",
        "FK18",
        "FO18",
        "FR27",
        "GB22",
        "GE22",
        "GI23",
        "GL18",
        "GR27",
        "GT28",
        "HN28",
        "HR21",
        "HU28",
        "IE22",
        "IL23",
        "IQ23",
        "IS26",
        "IT27",
        "JO30",
        "KW30",
        "KZ20",
        "LB28",
        "LC32",
        "LI21",
        "LT20",
        "LU20",
        "LV21",
        "LY25",
        "MC27",
        "MD24",
        "ME22",
        "MK19",
        "MN20",
        "MR27",
        "MT31",
        "MU30",
        "NI28",
        "NL18",
        "NO15",
        "OM23",
        "PK24",
        "PL28",
        "PS29",
        "PT25",
        "QA29",
        "RO24",
        "RS22",
        "RU33",
        "SA24",
        "SC31",
        "SD18",
        "SE24",
        "SI19",
        "SK24",
        "SM27",
        "SO23",
        "ST25",
        "SV28",
        "TL23",
        "TN24",
        "TR26",
        "UA29",
        "VA22",
        "VG24",
        "XK20",
        "YE30",
    ]
}


def is_iban(value: str) -> bool:
    """ISO 13616: the country's length and mod 97."""
    text = compact(value)
    if not is_iban_shape(text):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_iban_shape(value: str) -> bool:
    """A country's letters, two digits and its length: what is called an IBAN may have been typed wrong."""
    text = compact(value)
    return _IBAN_LENGTHS.get(text[:2]) == len(text) and text[2:4].isdigit()


def is_aba(value: str) -> bool:
    """A US routing number: its range and weights."""
    digits = digits_of(value)
    if len(digits) != 9 or not (int(digits[:2]) <= 12 or 21 <= int(digits[:2]) <= 32 or 61 <= int(digits[:2]) <= 72):
        return False
    weights = (3, 7, 1) * 3
    return digits != "0" * 9 and sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 10 == 0


def is_ip(value: str) -> bool:
    """An IPv4 or IPv6 address, with or without a prefix length or zone."""
    if "." not in value and ":" not in value:
        return False
    if ":" not in value and value.count(".") < 3:
        return False
    try:
        ipaddress.ip_address(value.split("/", 1)[0].split("%", 1)[0])
    except ValueError:
        return False
    return True


def is_vin(value: str) -> bool:
    """ISO 3779 with the North American check digit, or at least its alphabet and a serial of digits."""
    text = value.upper()
    if len(text) != 17 or not text.isalnum() or set(text) & set("IOQ") or text.isdigit() or text.isalpha():
        return False
    codes = {
        letter: int(code) for letter, code in zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
    }
    total = sum(
        (int(character) if character.isdigit() else codes.get(character, 0)) * weight
        for character, weight in zip(text, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)
    )
    return "0123456789X"[total % 11] == text[8]


_BASE58 = {
    character: index for index, character in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}


_RIPPLE = str.maketrans(
    "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz",
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
)


def is_other_wallet(value: str) -> bool:
    """A Litecoin, Dogecoin, Tron or Ripple address: as Bitcoin's, Ripple's in an alphabet of its own."""
    return is_base58_wallet(value.translate(_RIPPLE) if value.startswith("r") else value)


def is_base58_wallet(value: str) -> bool:
    """A Bitcoin address with its double SHA-256 checksum."""
    number = 0
    for character in value:
        if character not in _BASE58:
            return False
        number = number * 58 + _BASE58[character]
    if number >= 1 << 200:
        return False
    data = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]


_BECH32 = {character: index for index, character in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}


def is_bech32_wallet(value: str) -> bool:
    """A segwit address (BIP 173 and 350)."""
    text = value.lower()
    prefix, _, data = text.rpartition("1")
    if prefix not in {"bc", "tb", "ltc"} or any(character not in _BECH32 for character in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [_BECH32[c] for c in data]
    checksum = 1
    for item in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ item
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum in {1, 0x2BC830A3}


def has_eip55_checksum(value: str) -> bool:
    """Whether the capitals of an Ethereum address are those that its hash asks for; one case alone says nothing."""
    digits = value[2:]
    if digits in {digits.lower(), digits.upper()}:
        return False
    told = keccak_256(digits.lower().encode("ascii", "replace")).hex()
    return all(
        character.isdigit() or character.isupper() == (told[index] >= "8")
        for index, character in enumerate(digits[: len(told)])
    )


def is_phone(value: str) -> bool:
    """A number that phonenumbers finds possible: international, or national in a country we serve."""
    digits = digits_of(value)
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3 or _is_date(value):
        return False
    return _is_phone(value.strip().replace(",", " "))


@lru_cache(maxsize=4096)
def _is_phone(value: str) -> bool:
    regions = (None,) if value.startswith("+") else _PHONE_REGIONS
    for region in regions:
        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException:
            continue
        if region is None:
            return bool(phonenumbers.is_possible_number(number))
        if phonenumbers.is_valid_number(number):
            return True
    digits = digits_of(value)
    return len(digits) == 10 and digits[3:6] == "555" and digits[0] not in "01"


_PHONE_REGIONS = ("US", "GB", "DE", "FR", "ES", "IN", "AU", "NL", "IT", "BR", "SE", "PL")


def is_imei(value: str) -> bool:
    """15 digits with a Luhn check."""
    return len(digits_of(value)) == 15 and is_luhn(value)


def is_mac(value: str) -> bool:
    """Six octets parted alike, neither all zero nor broadcast."""
    text = compact(value)
    separators = {character for character in value if not character.isalnum()}
    return len(text) == 12 and len(separators) == 1 and len(set(text)) > 1


def is_ssn(value: str) -> bool:
    """What the Social Security Administration may have issued; documented samples are no real ones."""
    digits = digits_of(value)
    separators = {character for character in value if not character.isalnum()}
    return (
        len(digits) == 9
        and len(separators) <= 1
        and digits[:3] not in {"000", "666"}
        and digits[0] != "9"
        and digits[3:5] != "00"
        and digits[5:] != "0000"
        and len(set(digits)) > 1
        and digits not in {"078051120", "123456789", "987654320"}
    )


def is_nine_digits(value: str) -> bool:
    """Nine digits, not all the same."""
    return len(digits_of(value)) == 9 and len(set(digits_of(value))) > 1


def is_itin(value: str) -> bool:
    """An IRS taxpayer number: 9xx with a middle group the IRS issues."""
    digits = digits_of(value)
    middle = int(digits[3:5]) if len(digits) == 9 else 0
    return digits.startswith("9") and (
        50 <= middle <= 65 or 70 <= middle <= 88 or 90 <= middle <= 92 or 94 <= middle <= 99
    )


def is_coordinates(value: str) -> bool:
    """A latitude and a longitude in range."""
    parts = value.replace(",", " ").replace(";", " ").split()
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180


def has_digit(value: str) -> bool:
    """At least one digit."""
    return any(character.isdigit() for character in value)


def has_four_digits(value: str) -> bool:
    """At least four digits, or three with a letter before them."""
    return len(digits_of(value)) >= 3


def is_secret_word(value: str) -> bool:
    """A made-up word: digits or signs with letters, or all capitals; not a plain word of the language."""
    if "[" in value or value.isalpha():
        return (
            value.isalpha() and value.isupper() and len(value) >= 5 and value not in {"RESET", "HELP", "STOP", "START"}
        )
    return has_digit(value) or any(not character.isalnum() for character in value[1:-1])


def _is_date(value: str) -> bool:
    groups = [part for part in value.replace("/", "-").replace(".", "-").split("-") if part]
    sizes = sorted(map(len, groups))
    return (
        len(groups) == 3
        and sizes[0] <= 2
        and sizes[-1] == 4
        and sum(sizes) <= 8
        and "-".join(groups).replace("-", "").isdigit()
    )


def is_phone_like(value: str) -> bool:
    """Seven to fifteen digits that are no date and no card."""
    digits = digits_of(value)
    return 6 <= len(digits) <= 15 and len(set(digits)) > 2 and not _is_date(value)


def is_account_number(value: str) -> bool:
    """Five digits or more, or four with a letter."""
    digits = digits_of(value)
    return len(digits) >= 5 or (len(digits) >= 3 and any(character.isalpha() for character in value))


def is_plate(value: str) -> bool:
    """Letters and digits both, four characters or more."""
    text = compact(value)
    return len(text) >= 4 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def is_age(value: str) -> bool:
    """A year count of a life."""
    return 0 < int(digits_of(value) or 0) < 120


def is_ph_tin(value: str) -> bool:
    """Philippine TIN: its ninth digit is the check digit of the first eight."""
    digits = [int(digit) for digit in digits_of(value)]
    return len(digits) >= 9 and sum(digit * (9 - index) for index, digit in enumerate(digits[:8])) % 11 == digits[8]


PII_VALIDATORS: Mapping[str, Validator] = {
    "aba": is_aba,
    "account_number": is_account_number,
    "age": is_age,
    "phone_like": is_phone_like,
    "plate": is_plate,
    "tin_ph": is_ph_tin,
    "base58_wallet": is_base58_wallet,
    "bech32_wallet": is_bech32_wallet,
    "card": is_card,
    "card_shape": is_card_shape,
    "coordinates": is_coordinates,
    "eip55_checksum": has_eip55_checksum,
    "four_digits": has_four_digits,
    "has_digit": has_digit,
    "iban": is_iban,
    "iban_shape": is_iban_shape,
    "imei": is_imei,
    "ip": is_ip,
    "itin": is_itin,
    "luhn": is_luhn,
    "mac": is_mac,
    "nine_digits": is_nine_digits,
    "other_wallet": is_other_wallet,
    "phone": is_phone,
    "secret_word": is_secret_word,
    "ssn": is_ssn,
    "vin": is_vin,
    **CODE_VALIDATORS,
    **NATIONAL_VALIDATORS,
    **TAX_VALIDATORS,
    **WORLD_VALIDATORS,
}
"""Every check of personal data, by the name packs use."""
