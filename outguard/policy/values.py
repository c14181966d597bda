"""The values that shapes of policy files are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from outguard.domain.topic import is_glob
from outguard.policy.condition import ConditionError, compile_condition


def check_glob(text: str) -> str:
    """A topic or glob, or the reason why not."""
    if not is_glob(text):
        raise ValueError("not a topic or a glob over topics (lower-case words joined by dots, * for any)")
    return text


def check_condition(text: str) -> str:
    """A condition, or the reason why not."""
    try:
        compile_condition(text)
    except ConditionError as error:
        raise ValueError(error.message) from None
    return text


def no_bool(value: Any) -> Any:
    """YAML reads `yes` as true and Python true as 1: neither is a number here."""
    if isinstance(value, bool):
        raise ValueError("a number is wanted, not true or false")  # noqa: TRY004 - pydantic collects ValueError
    return value


Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$")]
Prose: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]
Glob: TypeAlias = Annotated[str, AfterValidator(check_glob)]
Globs: TypeAlias = Annotated[tuple[Glob, ...], Field(min_length=1, max_length=500)]
Words: TypeAlias = Annotated[tuple[Word, ...], Field(min_length=1, max_length=500)]
Seconds: TypeAlias = Annotated[float, BeforeValidator(no_bool), Field(ge=0, le=31_536_000, allow_inf_nan=False)]
Share: TypeAlias = Annotated[float, BeforeValidator(no_bool), Field(ge=0, le=1, allow_inf_nan=False)]
Count: TypeAlias = Annotated[int, BeforeValidator(no_bool), Field(ge=0, le=1_000_000_000)]
Amount: TypeAlias = Annotated[Decimal, BeforeValidator(no_bool), Field(ge=0, le=Decimal("1e15"), allow_inf_nan=False)]
TierName: TypeAlias = Literal["T1", "T2", "T3", "T4"]
Currency: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Shape(BaseModel):
    """What all parts share: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
