"""Which language a text is in: told by the words that glossaries have, and else by function words.

Function words are short, frequent and hardly shared; words of several languages at once ("die", "was", "no") are left
out. A text mostly in another script counts as another language too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from outguard.detection.languages.glossary import Glossary, begins_sentence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = _words(
    "the and you your is are we our have has been will this that with for to of it be can on at from not if or as"
)
_OTHERS: Mapping[str, frozenset[str]] = {
    "German": _words("und der das ist wir ihnen ihre ihr sie nicht haben wird ein eine für auf mit den dem zu"),
    "French": _words("le la les et vous votre nous est une un des pour dans avec sur pas avons sera du au"),
    "Spanish": _words("el la los las y usted su le hemos una un para por con que del se en lo es"),
    "Italian": _words("il lo la gli e le abbiamo un una per con che del della non è sarà suo di"),
    "Portuguese": _words("o os as e você seu sua nós um uma para por com que do da não é será"),
    "Dutch": _words("de het een en wij uw u is niet hebben wordt voor op met aan van zijn"),
    "Polish": _words("i w na się nie jest do z że dla pan pani państwa zwrot oraz został"),
    "Turkish": _words("ve bir için ile sizin size bu olarak siparişiniz iade edilecek ödeme"),
}
_FOREIGN = frozenset().union(*_OTHERS.values())
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_WORDS = 3
_LEAST_OTHER = 2
ANOTHER_SCRIPT = "another script"
_PLAINLY_ENGLISH = 0.5
"""So many of what stands between spaces is in no other language English, whatever the rest may be: it costs little."""
_ENGLISH_FROM = 0.6
"""A text of which so many words are English is English."""
_HALF_ENGLISH = 0.3
"""Where so many are, a few function words of a language whose words are not there say nothing."""
_FOREIGN_FROM, _AHEAD = 0.5, 0.2
"""So many words must be a language's, and so many more than are English."""


class Identifier:
    """Tells languages apart by the words of glossaries. Never changes; safe on several threads."""

    def __init__(self, english: Collection[str], glossaries: Mapping[str, Glossary]) -> None:
        self._english = frozenset(english)
        self._glossaries = glossaries

    def language(self, text: str) -> str | None:
        """The language of `text` (its English name, or `ANOTHER_SCRIPT`) if it is not English, else None."""
        words = text.casefold().split()
        if sum(map(self._english.__contains__, words)) > _PLAINLY_ENGLISH * len(words):
            return None
        told = [one.group().casefold() for one in _WORD.finditer(text) if _may_tell(text, one.start(), one.end())]
        if len(told) < _LEAST_WORDS or not self._glossaries:
            return unread_language(text)
        english = sum([word in self._english for word in told])
        if english >= _ENGLISH_FROM * len(told):
            return None
        counts = {name: sum([word in glossary for word in told]) for name, glossary in self._glossaries.items()}
        name = max(counts, key=lambda key: counts[key])
        is_ahead = counts[name] >= english + _AHEAD * len(told)
        if is_ahead and counts[name] >= _FOREIGN_FROM * len(told):
            return name
        guess = unread_language(text)
        return guess if guess not in counts or english < _HALF_ENGLISH * len(told) else None


def _may_tell(text: str, start: int, end: int) -> bool:
    """Whether a word is no single letter and, by its capital, no name."""
    return end - start > 1 and (not text[start].isupper() or begins_sentence(text, start))


def unread_language(text: str) -> str | None:
    """The language of `text` (its English name, or `ANOTHER_SCRIPT`) if it is surely not English, else None."""
    words = _WORD.findall(text.casefold())
    is_ascii = text.isascii()
    if len(words) < _LEAST_WORDS and is_ascii:
        return None
    if not is_ascii:
        letters = sum(map(len, words))
        latin = sum(len(word) for word in words if word[0] < "\u0250")
        if letters and latin * 2 < letters:
            return ANOTHER_SCRIPT
    foreign = [word for word in words if word in _FOREIGN]
    if len(foreign) < _LEAST_OTHER:
        return None
    english = sum(word in _ENGLISH for word in words)
    if len(foreign) <= 2 * english:
        return None
    counts = {name: sum(word in known for word in foreign) for name, known in _OTHERS.items()}
    name = max(counts, key=lambda key: counts[key])
    return name if counts[name] >= _LEAST_OTHER and counts[name] > 2 * english else None
