"""Presidio's AnalyzerEngine as it comes: default English recognizers, a blank spaCy pipeline, no network."""

from __future__ import annotations

from typing import Any, cast

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine


def build_analyzer() -> Any:
    """The engine. Its e-mail recognizer would fetch a list of domains; it gets the bundled one."""
    cast("Any", tldextract).extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    nlp.nlp = {"en": spacy.blank("en")}
    return AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
