"""Check digits of national, tax and health numbers: facts of each country's scheme.

Every function takes the words as written and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

_ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _digits(value: str) -> list[int]:
    return [ord(character) - 48 for character in value if character in "0123456789"]


def _text(value: str) -> str:
    return "".join(character for character in value if character.isascii() and character.isalnum()).upper()


def _weighted(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False))


def _luhn(digits: Sequence[int]) -> bool:
    total = sum(d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _is_date(year: int, month: int, day: int) -> bool:
    del year
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)


def is_nino(value: str) -> bool:
    """UK National Insurance number (QQ is the documented sample prefix)."""
    text = _text(value)
    return (
        len(text) == 9
        and text[2:8].isdigit()
        and text[:2].isalpha()
        and text[8] in "ABCD"
        and (text[:2] == "QQ" or (text[0] not in "DFIQUV" and text[1] not in "DFIQUVO"))
        and text[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    )


def is_nhs(value: str) -> bool:
    """UK NHS number: mod 11."""
    d = _digits(value)
    return len(d) == 10 and len(set(d)) > 1 and (11 - _weighted(d, range(10, 1, -1)) % 11) % 11 == d[9]


def is_sin(value: str) -> bool:
    """Canadian social insurance number: Luhn; 0 leads only in samples."""
    d = _digits(value)
    separators = {character for character in value if not character.isalnum()}
    return len(d) == 9 and _luhn(d) and len(set(d)) > 2 and len(separators) <= 1


def is_tfn(value: str) -> bool:
    """Australian tax file number."""
    d = _digits(value)
    return len(d) == 9 and len(set(d)) > 1 and _weighted(d, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def is_abn(value: str) -> bool:
    """Australian business number."""
    d = _digits(value)
    return (
        len(d) == 11 and d[0] > 0 and _weighted([d[0] - 1, *d[1:]], (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) % 89 == 0
    )


def is_acn(value: str) -> bool:
    """Australian company number."""
    d = _digits(value)
    return len(d) == 9 and (10 - _weighted(d, range(8, 0, -1)) % 10) % 10 == d[8]


def is_au_medicare(value: str) -> bool:
    """Australian Medicare card."""
    d = _digits(value)
    return len(d) in {10, 11} and 2 <= d[0] <= 6 and _weighted(d, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == d[8]


_D = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_P = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)  # fmt: skip


def is_aadhaar(value: str) -> bool:
    """Indian Aadhaar: Verhoeff, no palindrome, first digit 2 to 9."""
    d = _digits(value)
    check = 0
    for index, digit in enumerate(reversed(d)):
        check = _D[check][_P[index % 8][digit]]
    return len(d) == 12 and d[0] >= 2 and check == 0 and d != d[::-1]


def is_gstin(value: str) -> bool:
    """Indian GSTIN: a state code, a PAN, Z."""
    text = _text(value)
    return len(text) == 15 and text[:2].isdigit() and 1 <= int(text[:2]) <= 37 and text[13] == "Z"


def is_de_tax_id(value: str) -> bool:
    """German Steuer-ID: ISO 7064 mod 11,10; one digit twice or thrice among the first ten."""
    d = _digits(value)
    if len(d) != 11 or d[0] == 0:
        return False
    product = 10
    for digit in d[:10]:
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == d[10] and max(map(d[:10].count, d[:10])) <= 3


def is_de_document(value: str) -> bool:
    """German identity card or passport: weights 7-3-1, or the old letter T with eight digits."""
    text = _text(value)
    if len(text) not in {9, 10} or text[0] not in "CFGHJKLMNPRTVWXYZ":
        return False
    if text[0] == "T" and text[1:9].isdigit() and len(text) == 9:
        return True
    body, check = (text[:9], text[9]) if len(text) == 10 else (text[:8], text[8])
    total = sum(_ALNUM.index(character) * (7, 3, 1)[index % 3] for index, character in enumerate(body))
    return check.isdigit() and total % 10 == int(check)


def is_de_social_security(value: str) -> bool:
    """German Rentenversicherungsnummer."""
    text = _text(value)
    if len(text) != 12 or not (text[:8] + text[9:]).isdigit() or not text[8].isalpha():
        return False
    day, month = int(text[2:4]), int(text[4:6])
    if not (1 <= month <= 12 and (1 <= day <= 31 or 51 <= day <= 81)):
        return False
    digits = [int(c) for c in text[:8] + f"{ord(text[8]) - 64:02d}" + text[9:11]]
    weights = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
    return sum(sum(divmod(d * w, 10)) for d, w in zip(digits, weights, strict=True)) % 10 == int(text[11])


def is_de_health(value: str) -> bool:
    """German Krankenversichertennummer: letter and nine digits."""
    text = _text(value)
    if len(text) != 10 or not text[0].isalpha() or not text[1:].isdigit():
        return False
    digits = [int(c) for c in f"{ord(text[0]) - 64:02d}" + text[1:9]]
    return sum(sum(divmod(d * (1, 2)[i % 2], 10)) for i, d in enumerate(digits)) % 10 == int(text[9])


def is_de_vat(value: str) -> bool:
    """German VAT number: ISO 7064 mod 11,10."""
    d = _digits(value)
    if len(d) != 9 or d[0] == 0:
        return False
    product = 10
    for digit in d[:8]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == d[8]


def is_fr_nir(value: str) -> bool:
    """French social security number: key mod 97."""
    text = _text(value).replace("2A", "19").replace("2B", "18")
    return len(text) == 15 and text.isdigit() and text[0] in "12" and (97 - int(text[:13]) % 97) == int(text[13:])


def is_es_id(value: str) -> bool:
    """Spanish DNI or NIE: the letter of mod 23."""
    text = _text(value)
    if not text or not text[-1].isalpha():
        return False
    number = text[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and len(number) in {7, 8} and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


_IT_ODD = dict(zip(_ALNUM, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True))  # fmt: skip  # noqa: E501


def is_it_fiscal_code(value: str) -> bool:
    """Italian codice fiscale with its control letter."""
    text = _text(value)
    if len(text) != 16:
        return False
    total = sum(_IT_ODD[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(text[:15]))
    return chr(65 + total % 26) == text[15]


def is_it_vat(value: str) -> bool:
    """Italian partita IVA: Luhn."""
    d = _digits(value)
    return len(d) == 11 and any(d) and _luhn(d)


def is_bsn(value: str) -> bool:
    """Dutch burgerservicenummer: the eleven test."""
    d = _digits(value)
    return len(d) == 9 and any(d) and _weighted(d, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_pesel(value: str) -> bool:
    """Polish PESEL with a possible month."""
    d = _digits(value)
    if len(d) != 11:
        return False
    return (10 - _weighted(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == d[10] and 1 <= (d[2] * 10 + d[3]) % 20 <= 12


def is_pt_nif(value: str) -> bool:
    """Portuguese NIF: mod 11."""
    d = _digits(value)
    return (
        len(d) == 9
        and d[0] in {1, 2, 3, 5, 6, 8, 9}
        and (0 if (c := 11 - _weighted(d[:8], range(9, 1, -1)) % 11) > 9 else c) == d[8]
    )


def is_cpf(value: str) -> bool:
    """Brazilian CPF: two check digits."""
    d = _digits(value)
    if len(d) != 11 or len(set(d)) == 1:
        return False
    return all(_weighted(d[:n], range(n + 1, 1, -1)) * 10 % 11 % 10 == d[n] for n in (9, 10))


def is_cnpj(value: str) -> bool:
    """Brazilian CNPJ: two check digits."""
    d = _digits(value)
    if len(d) != 14 or len(set(d)) == 1:
        return False
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return all((0 if (r := _weighted(d[:n], weights[13 - n :]) % 11) < 2 else 11 - r) == d[n] for n in (12, 13))


def is_curp(value: str) -> bool:
    """Mexican CURP: a date and the check digit."""
    text = _text(value)
    if len(text) != 18 or not _is_date(
        0, int(text[6:8]) if text[6:8].isdigit() else 0, int(text[8:10]) if text[8:10].isdigit() else 0
    ):
        return False
    table = "0123456789ABCDEFGHIJKLMN*OPQRSTUVWXYZ"
    total = sum(table.index(c) * (18 - i) for i, c in enumerate(text[:17]))
    return text[17].isdigit() and (10 - total % 10) % 10 == int(text[17])


def is_my_number(value: str) -> bool:
    """Japanese individual number."""
    d = _digits(value)
    if len(d) != 12:
        return False
    rest = _weighted(d[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == d[11]


def is_kr_rrn(value: str) -> bool:
    """Korean resident or foreigner number: a date and a century digit (later numbers have no check digit).

    Thirteen digits in one go that have the shape of a South African number are that, right or wrong.
    """
    d = _digits(value)
    is_dated = len(d) == 13 and _is_date(0, d[2] * 10 + d[3], d[4] * 10 + d[5])
    if not is_dated or not 1 <= d[6] <= 8 or len(set(d)) <= 2:
        return False
    is_south_african = value.isdigit() and d[10] <= 2 and d[11] in {8, 9}
    return not is_south_african


def is_kr_brn(value: str) -> bool:
    """Korean business registration number."""
    d = _digits(value)
    if len(d) != 10:
        return False
    total = _weighted(d, (1, 3, 7, 1, 3, 7, 1, 3, 5)) + d[8] * 5 // 10
    return (10 - total % 10) % 10 == d[9]


def is_nric(value: str) -> bool:
    """Singapore NRIC or FIN with its letter."""
    text = _text(value)
    if len(text) != 9 or not text[1:8].isdigit():
        return False
    total = _weighted(_digits(text), (2, 7, 6, 5, 4, 3, 2)) + (4 if text[0] in "TG" else 3 if text[0] == "M" else 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}
    table = letters.get(text[0])
    return table is not None and (table[total % 11] == text[8] or text[0] == "M")


def is_uen(value: str) -> bool:
    """Singapore company number in its three forms, each with a check letter."""
    text = _text(value)
    if text[:-1].isdigit() and len(text) in {9, 10}:
        weights = (10, 4, 9, 3, 8, 2, 7, 1) if len(text) == 9 else (10, 8, 6, 4, 9, 7, 5, 3, 1)
        letters = "XMKECAWLJDB" if len(text) == 9 else "ZKCMDNERGWH"
        return letters[_weighted(_digits(text), weights) % 11] == text[-1]
    if len(text) != 10 or text[0] not in "RST" or not (text[1:3] + text[5:9]).isdigit():
        return False
    letters = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
    if any(character not in letters for character in text):
        return False
    total = _weighted([letters.index(character) for character in text[:9]], (4, 3, 5, 3, 10, 2, 2, 5, 7))
    return letters[(total - 5) % 11] == text[9]


def is_sa_id(value: str) -> bool:
    """South African identity number: date, citizenship digit, Luhn."""
    d = _digits(value)
    return len(d) == 13 and _is_date(0, d[2] * 10 + d[3], d[4] * 10 + d[5]) and d[10] <= 2 and _luhn(d)


def is_tckn(value: str) -> bool:
    """Turkish identity number."""
    d = _digits(value)
    if len(d) != 11 or d[0] == 0:
        return False
    return (sum(d[0:9:2]) * 7 - sum(d[1:8:2])) % 10 == d[9] and sum(d[:10]) % 10 == d[10]


def is_th_id(value: str) -> bool:
    """Thai identity number: mod 11, a living province."""
    d = _digits(value)
    return (
        len(d) == 13
        and 1 <= d[0] <= 8
        and d[1] != 0
        and d[1] * 10 + d[2] < 97
        and (11 - _weighted(d, range(13, 1, -1)) % 11) % 10 == d[12]
    )


def is_fi_hetu(value: str) -> bool:
    """Finnish personal identity code: date and control character."""
    text = value.strip().upper()
    if len(text) != 11 or not (text[:6] + text[7:10]).isdigit() or not _is_date(0, int(text[2:4]), int(text[:2])):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31] == text[10]


def is_se_personnummer(value: str) -> bool:
    """Swedish personnummer (or samordningsnummer): date and Luhn."""
    d = _digits(value)[-10:]
    day = d[4] * 10 + d[5] if len(d) == 10 else 0
    return len(d) == 10 and _is_date(0, d[2] * 10 + d[3], day - 60 if day > 60 else day) and _luhn(d)


def is_se_org(value: str) -> bool:
    """Swedish organisation number: a kind, a third digit of 2 or more, Luhn; without its dash, a company only."""
    d = _digits(value)
    kinds = {1, 2, 3, 5, 6, 7, 8, 9} if "-" in value else {2, 5, 7, 8, 9}
    return len(d) == 10 and d[0] in kinds and d[2] >= 2 and _luhn(d)


def is_npi(value: str) -> bool:
    """US National Provider Identifier: Luhn over 80840 and the number."""
    d = _digits(value)
    return len(d) == 10 and d[0] in {1, 2} and len(set(d)) > 2 and _luhn([8, 0, 8, 4, 0, *d])


def is_dea(value: str) -> bool:
    """US DEA registration."""
    text = _text(value)
    d = _digits(text)[-7:]
    return len(d) == 7 and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def is_de_lanr(value: str) -> bool:
    """German physician number: weights 4 and 9."""
    d = _digits(value)
    return len(d) == 9 and any(d) and (10 - _weighted(d[:6], (4, 9, 4, 9, 4, 9)) % 10) % 10 == d[6]


NATIONAL_VALIDATORS: Mapping[str, Callable[[str], bool]] = {
    name.removeprefix("is_"): check
    for name, check in list(globals().items())
    if name.startswith("is_") and callable(check)
}
"""Every check of this module by its name without `is_`."""
