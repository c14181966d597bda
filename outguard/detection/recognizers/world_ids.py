"""Check digits and dates of national numbers beyond Europe and North America: facts of each country's scheme.

Every function takes the words as written and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

_LETTER_CODES = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
"""What a Taiwanese number's letter counts for: in the order the counties were numbered."""


def _digits(value: str) -> list[int]:
    return [ord(character) - 48 for character in value if character in "0123456789"]


def _text(value: str) -> str:
    return "".join(character for character in value if character.isascii() and character.isalnum()).upper()


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def is_hk_id(value: str) -> bool:
    """Hong Kong identity card: letters count from 10, weights fall from 9, mod 11."""
    text = _text(value)
    body, check = text[:-1], text[-1:]
    if not 7 <= len(body) <= 8 or not body[-6:].isdigit() or not body[:-6].isalpha():
        return False
    codes = [36, *(int(character, 36) for character in body)][-8:]
    total = sum(code * weight for code, weight in zip(codes, range(9, 1, -1), strict=True))
    return check == "0123456789A"[-total % 11]


def is_tw_id(value: str) -> bool:
    """Taiwanese identity number: a letter of two digits, weights that fall to 1, mod 10."""
    text = _text(value)
    if len(text) != 10 or not text[0].isalpha() or not text[1:].isdigit():
        return False
    code = _LETTER_CODES[text[0]]
    digits = [code // 10, code % 10, *map(int, text[1:])]
    return sum(d * w for d, w in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def is_cl_rut(value: str) -> bool:
    """Chilean RUT: weights 2 to 7 from the right, mod 11, K for ten."""
    text = _text(value)
    if not 8 <= len(text) <= 9 or not text[:-1].isdigit():
        return False
    total = sum(int(digit) * (2 + index % 6) for index, digit in enumerate(reversed(text[:-1])))
    return text[-1] == "0123456789K0"[-total % 11]


def is_ar_cuit(value: str) -> bool:
    """Argentine CUIT or CUIL: mod 11."""
    d = _digits(value)
    if len(d) != 11:
        return False
    return -sum(a * b for a, b in zip(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=False)) % 11 == d[10]


def is_gr_afm(value: str) -> bool:
    """Greek tax number: powers of two, mod 11, mod 10."""
    d = _digits(value)
    return len(d) == 9 and any(d) and sum(digit << (8 - i) for i, digit in enumerate(d[:8])) % 11 % 10 == d[8]


def is_cz_birth_number(value: str) -> bool:
    """Czech or Slovak birth number: a date (women's months from 51), and a multiple of 11."""
    d = _digits(value)
    if len(d) != 10:
        return False
    month = (d[2] * 10 + d[3]) % 50
    return _is_day(month % 20, d[4] * 10 + d[5]) and int("".join(map(str, d))) % 11 == 0


def is_ro_cnp(value: str) -> bool:
    """Romanian personal number: a date, and a check digit mod 11."""
    d = _digits(value)
    if len(d) != 13 or not 1 <= d[0] <= 9 or not _is_day(d[3] * 10 + d[4], d[5] * 10 + d[6]):
        return False
    rest = sum(a * b for a, b in zip(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), strict=False)) % 11
    return (1 if rest == 10 else rest) == d[12]


def is_ae_id(value: str) -> bool:
    """Emirates ID: 784, a year of birth, and a plausible length; many valid ones fail Luhn, so it is not asked."""
    d = _digits(value)
    return len(d) == 15 and d[:3] == [7, 8, 4] and d[3] * 10 + d[4] in {19, 20}


def is_my_kad(value: str) -> bool:
    """Malaysian identity card: a date of birth and a known place of birth."""
    d = _digits(value)
    return len(d) == 12 and _is_day(d[2] * 10 + d[3], d[4] * 10 + d[5]) and 1 <= d[6] * 10 + d[7] <= 99


def is_id_nik(value: str) -> bool:
    """Indonesian NIK: a province, then a date of birth (women's days from 41)."""
    d = _digits(value)
    return len(d) == 16 and 1 <= d[0] <= 9 and _is_day(d[8] * 10 + d[9], (d[6] * 10 + d[7]) % 40)


WORLD_VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    "ae_id": is_ae_id,
    "ar_cuit": is_ar_cuit,
    "cl_rut": is_cl_rut,
    "cz_birth_number": is_cz_birth_number,
    "gr_afm": is_gr_afm,
    "hk_id": is_hk_id,
    "id_nik": is_id_nik,
    "my_kad": is_my_kad,
    "ro_cnp": is_ro_cnp,
    "tw_id": is_tw_id,
}
