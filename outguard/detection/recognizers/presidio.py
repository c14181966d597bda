"""Third-party Presidio recognizers, plugged in by `detectors/recognizers.yaml`; one that fails holds the reply."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outguard.detection.document import Document
from outguard.detection.ownership import OwnershipJudge
from outguard.detection.yaml_text import load_yaml
from outguard.domain.context import ReplyContext
from outguard.domain.finding import Category, Finding
from outguard.domain.policy import Problem
from outguard.errors import PolicyError

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

CONFIG_NAME = "recognizers.yaml"

_NO_ARTIFACTS: Any = None

PRESIDIO_TYPES: Mapping[str, str] = {
    "IBAN_CODE": "IBAN",
    "CRYPTO": "CRYPTO_WALLET",
    "US_DRIVER_LICENSE": "DRIVER_LICENSE",
    "US_PASSPORT": "PASSPORT",
    "US_BANK_NUMBER": "BANK_ACCOUNT",
    "US_ITIN": "US_SSN",
    "UK_NHS": "NATIONAL_ID",
}
"""Presidio's names for what the label guide names otherwise."""


class _RecognizerSpec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizer: str = Field(pattern=r"^[A-Za-z_][\w]*(\.[A-Za-z_]\w*)+$")
    types: Mapping[str, str] = Field(default_factory=dict)


class _RecognizersFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizers: tuple[_RecognizerSpec, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PresidioDetector:
    """One third-party recognizer as a detector. `types` renames its entities; others keep Presidio's name."""

    recognizer: EntityRecognizer
    ownership: OwnershipJudge
    types: Mapping[str, str]

    def detect(self, document: Document, context: ReplyContext) -> list[Finding]:
        """The recognizer's results; a fault of it is a finding of category `system`, so the reply is held."""
        text = document.text
        rule = f"presidio.{type(self.recognizer).__name__}"
        try:
            results = self.recognizer.analyze(text, self.recognizer.supported_entities, _NO_ARTIFACTS) or []
            return [
                Finding(
                    category=Category.PII,
                    type=(kind := self.types.get(result.entity_type, result.entity_type)),
                    status=self.ownership.status(kind, text[result.start : result.end], context),
                    start=max(0, int(result.start)),
                    end=min(len(text), int(result.end)),
                    score=min(1.0, max(0.0, float(result.score))),
                    rule=rule,
                    field=document.field,
                )
                for result in results
            ]
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises, the reply must not pass unread
            return [
                Finding(
                    category=Category.SYSTEM,
                    type="RECOGNIZER_FAILED",
                    status=None,
                    start=-1,
                    end=-1,
                    score=1.0,
                    rule=rule,
                    field=document.field,
                    reason=f"the recognizer failed ({type(error).__name__})",
                )
            ]


def load_recognizers(name: str, text: str, ownership: OwnershipJudge) -> Sequence[PresidioDetector]:
    """The recognizers that a `recognizers.yaml` names by dotted class path.

    Raises:
        PolicyError: if the file is not valid, or a class cannot be imported, built or loaded.
    """
    try:
        spec = _RecognizersFile.model_validate(load_yaml(text) or {})
    except (yaml.YAMLError, ValidationError) as error:
        problem = Problem(file=name, line=1, path="", message=f"not a list of recognizers ({type(error).__name__})")
        raise PolicyError("recognizers are not valid", problems=(problem,)) from error
    detectors: list[PresidioDetector] = []
    problems: list[Problem] = []
    for index, item in enumerate(spec.recognizers):
        module, _, class_name = item.recognizer.rpartition(".")
        try:
            recognizer = getattr(importlib.import_module(module), class_name)()
            recognizer.load()
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the server then does not start
            message = f"cannot be loaded ({type(error).__name__})"
            problems.append(Problem(file=name, line=1, path=f"recognizers[{index}]", message=message))
            continue
        types = {**PRESIDIO_TYPES, **item.types}
        detectors.append(PresidioDetector(recognizer=recognizer, ownership=ownership, types=types))
    if problems:
        raise PolicyError("recognizers cannot be loaded", problems=tuple(problems))
    return detectors
