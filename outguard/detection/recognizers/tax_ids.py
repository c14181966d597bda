"""Check digits of tax, company and further national numbers: facts of each country's scheme.

Every function takes the words as written and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence


def _digits(value: str) -> list[int]:
    return [ord(character) - 48 for character in value if character in "0123456789"]


def _text(value: str) -> str:
    return "".join(character for character in value if character.isascii() and character.isalnum()).upper()


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _luhn(digits: Sequence[int]) -> bool:
    total = sum(d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0 and any(digits)


def is_pl_nip(value: str) -> bool:
    """Polish tax number: mod 11."""
    d = _digits(value)
    return len(d) == 10 and any(d) and _weighted(d, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == d[9]


def is_pl_regon(value: str) -> bool:
    """Polish company number of nine digits: mod 11."""
    d = _digits(value)
    return len(d) == 9 and any(d) and _weighted(d, (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10 == d[8]


def is_fr_siren(value: str) -> bool:
    """French company (SIREN) or establishment (SIRET) number: Luhn."""
    d = _digits(value)
    return len(d) in {9, 14} and _luhn(d)


def is_fr_vat(value: str) -> bool:
    """French VAT number: a key from the SIREN, mod 97."""
    d = _digits(value)
    siren = int("".join(map(str, d[2:]))) if len(d) == 11 else 0
    return siren > 0 and (12 + 3 * (siren % 97)) % 97 == d[0] * 10 + d[1]


def is_es_cif(value: str) -> bool:
    """Spanish company number: a control digit, or the letter that stands for it."""
    text = _text(value)
    if len(text) != 9 or not text[1:8].isdigit() or text[0] not in "ABCDEFGHJNPQRSUVW":
        return False
    d = _digits(text[1:8])
    total = sum(d[1::2]) + sum(sum(divmod(digit * 2, 10)) for digit in d[::2])
    control = -total % 10
    return text[8] in {str(control), "JABCDEFGHI"[control]}


def is_be_nrn(value: str) -> bool:
    """Belgian national number: mod 97, with a 2 before those born since 2000."""
    d = _digits(value)
    if len(d) != 11:
        return False
    body, check = int("".join(map(str, d[:9]))), d[9] * 10 + d[10]
    return check in {97 - body % 97, 97 - (2_000_000_000 + body) % 97}


def is_ch_ahv(value: str) -> bool:
    """Swiss AHV number: 756, then the check digit of an EAN."""
    d = _digits(value)
    return len(d) == 13 and d[:3] == [7, 5, 6] and -_weighted(d[:12], (1, 3) * 6) % 10 == d[12]


def is_at_svnr(value: str) -> bool:
    """Austrian social insurance number: its fourth digit checks the others."""
    d = _digits(value)
    return len(d) == 10 and d[0] > 0 and _weighted(d, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == d[3]


def is_no_fnr(value: str) -> bool:
    """Norwegian birth number: two check digits."""
    d = _digits(value)
    if len(d) != 11 or not any(d):
        return False
    first = -_weighted(d[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -_weighted(d[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return first == d[9] and second == d[10]


def is_dk_cpr(value: str) -> bool:
    """Danish CPR number: a day and a month (since 2007 there is no check digit)."""
    d = _digits(value)
    return len(d) == 10 and 1 <= d[0] * 10 + d[1] <= 31 and 1 <= d[2] * 10 + d[3] <= 12


def is_ie_pps(value: str) -> bool:
    """Irish PPS number: a letter, mod 23; a second letter counts nine times (T and W, of old numbers, do not)."""
    text = _text(value)
    if len(text) not in {8, 9} or not text[:7].isdigit() or not text[7:].isalpha():
        return False
    extra = (ord(text[8]) - 64) * 9 if len(text) == 9 and text[8] not in "TW" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(_weighted(_digits(text[:7]), range(8, 1, -1)) + extra) % 23] == text[7]


def is_uk_vat(value: str) -> bool:
    """British VAT number: mod 97, the old way or the one since 2010."""
    d = _digits(value)
    total = _weighted(d, (8, 7, 6, 5, 4, 3, 2, 10, 1))
    return len(d) in {9, 12} and any(d) and total % 97 in {0, 42}


def is_uk_utr(value: str) -> bool:
    """British taxpayer reference: its first digit checks the others, mod 11."""
    d = _digits(value)
    return len(d) == 10 and "21987654321"[_weighted(d[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == str(d[0])


def is_tr_vkn(value: str) -> bool:
    """Turkish tax number."""
    d = _digits(value)
    if len(d) != 10:
        return False
    total = 0
    for place, digit in enumerate(d[:9]):
        shifted = (digit + 9 - place) % 10
        if shifted:
            total += shifted * 2 ** (9 - place) % 9 or 9
    return -total % 10 == d[9]


def is_jp_corporate(value: str) -> bool:
    """Japanese corporate number: its first digit checks the others, mod 9."""
    d = _digits(value)
    return len(d) == 13 and 9 - _weighted(d[:0:-1], (1, 2) * 6) % 9 == d[0]


def is_cn_id(value: str) -> bool:
    """Chinese resident number: a date, then ISO 7064 mod 11-2."""
    text = _text(value)
    if len(text) != 18 or not text[:17].isdigit() or not 1 <= int(text[10:12]) <= 12 or not 1 <= int(text[12:14]) <= 31:
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(text[:17]))
    return "10X98765432"[total % 11] == text[17]


def is_clabe(value: str) -> bool:
    """Mexican bank account (CLABE): weights 3, 7, 1."""
    d = _digits(value)
    total = sum(digit * weight % 10 for digit, weight in zip(d[:17], (3, 7, 1) * 6, strict=False))
    return len(d) == 18 and any(d) and -total % 10 == d[17]


_EIN_UNUSED = frozenset({0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97})


def is_us_ein(value: str) -> bool:
    """US employer number: a prefix that the IRS gives out."""
    d = _digits(value)
    return len(d) == 9 and d[0] * 10 + d[1] not in _EIN_UNUSED and len(set(d)) > 2


TAX_VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    name.removeprefix("is_"): check
    for name, check in list(globals().items())
    if name.startswith("is_") and callable(check)
}
"""Every check of this module by its name without `is_`."""
