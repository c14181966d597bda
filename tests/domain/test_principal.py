"""Principals: what they may ask for, and names that fit into keys and checkpoints."""

from __future__ import annotations

import pytest

from outguard.domain.principal import Principal, Role
from outguard.errors import InvalidInputError


def agent(*topics: str) -> Principal:
    return Principal(id="agent-1", role=Role.AGENT, tenant="default", topics=topics)


def test_no_topics_means_nothing() -> None:
    assert not agent().may_ask_for("support.refund")


def test_globs_cover_topics() -> None:
    assert agent("support.*").may_ask_for("support.refund")
    assert not agent("support.*").may_ask_for("data.delete")


@pytest.mark.parametrize("tenant", ["", "A", "a b", "a+b", "x" * 64, "-a"])
def test_a_tenant_fits_into_a_checkpoint_name(tenant: str) -> None:
    with pytest.raises(InvalidInputError):
        Principal(id="a", role=Role.AGENT, tenant=tenant)


@pytest.mark.parametrize("name", ["", "a b", "x" * 129, "\n"])
def test_an_id_is_one_word(name: str) -> None:
    with pytest.raises(InvalidInputError):
        Principal(id=name, role=Role.AGENT, tenant="default")
