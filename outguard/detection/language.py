"""Replies in a language that the commitment detector does not read: where money is spoken of, a person must look.

Function words tell the language: they are short, frequent and hardly shared. Words of several languages at once ("die",
"was", "no") are left out. A text mostly in another script counts as another language too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from outguard.detection.document import Document
from outguard.detection.hints import Hints
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status


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
_WORD = re.compile(r"[^\W\d_]+")
_MONEY_WORDS = (
    r"(?i)[$€£¥₹₩₺₽]|\b(?:usd|eur|gbp|chf|pln|inr|jpy|euros?|dollars?|dólar\w*|libras?|złot\w*|lira|rupi\w*|yen|"
    "gratis|gratuit\\w*|kostenlos|erstatt\\w*|gutschr\\w*|rembours\\w*|reembols\\w*|rimbors\\w*|terugbeta\\w*)\\b|円|元|\u0440\u0443\u0431|\u0433\u0440\u043d"
)
_MONEY = Hints([_MONEY_WORDS])
_LEAST_WORDS = 3
_LEAST_OTHER = 2


class LanguageDetector:
    """Reports money words in a text that is not English as one commitment that nobody judged."""

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """One finding over the whole text, or none."""
        del context
        text = document.normalized.text
        if not _MONEY.of(text):
            return []
        language = unread_language(text)
        if language is None:
            return []
        return [
            Finding(
                category=Category.COMMITMENT,
                type="OTHER",
                status=Status.UNBACKED,
                start=0,
                end=len(document.text),
                score=0.6,
                rule="commitment.other.unjudged_language",
                field=document.field,
                reason=f"unjudged: language ({language}); the text speaks of money",
            )
        ]


def unread_language(text: str) -> str | None:
    """The language of `text` if it is surely not English, else None."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < _LEAST_WORDS and text.isascii():
        return None
    letters = sum(map(len, words))
    latin = sum(len(word) for word in words if word[0] < "\u0250")
    if letters and latin * 2 < letters:
        return "another script"
    english = sum(word in _ENGLISH for word in words)
    counts = {name: sum(word in known for word in words) for name, known in _OTHERS.items()}
    name = max(counts, key=lambda key: counts[key])
    return name if counts[name] >= _LEAST_OTHER and counts[name] > 2 * english else None
