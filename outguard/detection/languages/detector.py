"""Detectors that read English, over texts of other languages; and what becomes of a text that nobody can read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import yaml

from outguard.detection.document import Detector, Document
from outguard.detection.hints import Hints
from outguard.detection.languages.glossary import Gloss, Lexicon
from outguard.detection.languages.identify import Identifier, unread_language
from outguard.detection.yaml_text import load_yaml
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding, Status
from outguard.errors import InvalidInputError

_MONEY_WORDS = (
    r"(?i)[$€£¥₹₩₺₽]|\b(?:usd|eur|gbp|chf|pln|inr|jpy|euros?|dollars?|dólar\w*|libras?|złot\w*|lira|rupi\w*|yen|"
    "gratis|gratuit\\w*|kostenlos|erstatt\\w*|gutschr\\w*|rembours\\w*|reembols\\w*|rimbors\\w*|terugbeta\\w*)\\b|円|元|\u0440\u0443\u0431|\u0433\u0440\u043d"
)
_MONEY = Hints([_MONEY_WORDS])
FILE_NAME = "languages.yaml"
_LEAST_KNOWN = 0.7
"""Of a text's words; below, too much of it is guessing."""
_LONGEST = 20_000
"""Characters of a text that is glossed, in some forty milliseconds: a longer one is not judged."""
_PROSE = frozenset({"INTERNAL_NOTE", "SYSTEM_PROMPT", "REASONING", "OTHER_CUSTOMER"})


class Foreign(NamedTuple):
    """A text that is not English: its language, and its gloss where there is one that says enough."""

    language: str
    gloss: Gloss | None


class Languages:
    """Tells the language of texts and glosses them. Keeps the last text's, since several detectors read the same."""

    def __init__(self, lexicon: Lexicon, judged: Collection[str]) -> None:
        """Of the glossaries of `lexicon` those in `judged` are used; the others only help to tell the language."""
        self._english = lexicon.english
        self._identifier = Identifier(lexicon.english, lexicon.glossaries)
        self._glossaries = {name: lexicon.glossaries[name] for name in judged}
        self._last: tuple[str, Foreign | None] = ("", None)

    def of(self, text: str) -> Foreign | None:
        """What is to be said of `text`; None where it is English, or too short to tell."""
        last_text, last = self._last
        if last_text != text:
            last = self._read(text)
            self._last = (text, last)
        return last

    def _read(self, text: str) -> Foreign | None:
        is_long = len(text) > _LONGEST
        language = unread_language(text) if is_long else self._identifier.language(text)
        if language is None:
            return None
        glossary = None if is_long else self._glossaries.get(language)
        gloss = None if glossary is None else glossary.gloss(text, self._english)
        return Foreign(language, gloss if gloss is not None and gloss.known >= _LEAST_KNOWN else None)


class ReadsTexts(Protocol):
    """A language model that reads a reply's texts ahead (`neural.shared.SharedReader`)."""

    def read_ahead(self, texts: Sequence[str], is_late: Callable[[], bool]) -> str:
        """Read the texts of one reply; empty, or why they were not read. Never raises."""
        ...

    def forget(self) -> None:
        """Let go of what was read on this thread."""
        ...


class GlossesToo:
    """Lets `model` read the glosses with the texts they belong to, in one go."""

    def __init__(self, model: ReadsTexts, languages: Languages) -> None:
        self._model = model
        self._languages = languages

    def read_ahead(self, texts: Sequence[str], is_late: Callable[[], bool]) -> str:
        """As the protocol says."""
        foreign = map(self._languages.of, texts)
        glosses = [one.gloss.text for one in foreign if one is not None and one.gloss is not None]
        return self._model.read_ahead([*texts, *glosses], is_late)

    def forget(self) -> None:
        """As the protocol says."""
        self._model.forget()


def load_languages(files: Mapping[str, str], lexicon: Lexicon) -> Languages:
    """The languages that the detector file `languages.yaml` lets be judged; where it is missing, all with a glossary.

    Raises:
        InvalidInputError: if the file is malformed or names a language without glossary.
    """
    name = next((name for name in files if name.rpartition("/")[2] == FILE_NAME), None)
    if name is None:
        return Languages(lexicon, lexicon.glossaries)
    try:
        wanted = [str(one) for one in load_yaml(files[name])["languages"]["judged"]]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise InvalidInputError(f"{name}: needs languages.judged, a list of languages") from error
    if unknown := sorted(set(wanted) - set(lexicon.glossaries)):
        known = ", ".join(lexicon.glossaries)
        raise InvalidInputError(f"{name}: no glossary for {', '.join(unknown)}; there are {known}")
    return Languages(lexicon, wanted)


class GlossedDetector:
    """Lets `inner` read the gloss in place of a text that is not English."""

    def __init__(self, inner: Detector, languages: Languages) -> None:
        self.inner = inner
        self._languages = languages

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """As the protocol says; what the gloss shows lies over the words that it stands for."""
        foreign = self._languages.of(document.normalized.text)
        if foreign is None or foreign.gloss is None:
            return self.inner.detect(document, context)
        return list(read_gloss(self.inner, foreign.gloss, document, context))


class GlossedProse:
    """Lets `inner` read a text as it is and, where that is not English, the prose of its gloss too."""

    def __init__(self, inner: Detector, languages: Languages) -> None:
        self.inner = inner
        self._languages = languages

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """As the protocol says."""
        found = self.inner.detect(document, context)
        foreign = self._languages.of(document.normalized.text)
        if foreign is not None and foreign.gloss is not None:
            told = [one for one in read_gloss(self.inner, foreign.gloss, document, context) if one.type in _PROSE]
            found += [one for one in told if not any(_meets(one, other) for other in found)]
        return found


def read_gloss(inner: Detector, gloss: Gloss, document: Document, context: ReplyContext) -> list[Finding]:
    """What `inner` finds in the gloss of a document, with offsets into the document's text."""
    read = Document(text=gloss.text, field=document.field)
    found = []
    for one in inner.detect(read, context):
        start, end = gloss.original_span(one.start, one.end)
        start, end = document.normalized.original_span(start, end)
        found.append(replace(one, start=start, end=end))
    return found


def _meets(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


class LanguageDetector:
    """Reports money words in a text that is neither English nor glossed as one commitment that nobody judged."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """One finding over the whole text, or none."""
        del context
        text = document.normalized.text
        if not _MONEY.of(text):
            return []
        foreign = self._languages.of(text)
        if foreign is None or foreign.gloss is not None:
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
                reason=f"unjudged: language ({foreign.language}); the text speaks of money",
            )
        ]
