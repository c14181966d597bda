"""The table of methods and roles is that of the protos, in code and in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from live_server import build_services

from outguard.domain.principal import Role
from outguard.server.app import services_of
from outguard.server.methods import METHODS
from outguard.v1 import audit_pb2, gate_pb2, policy_pb2, reply_pb2, review_pb2, source_pb2

PROTOS = Path(__file__).resolve().parents[2] / "protos" / "outguard" / "v1"
MODULES = (audit_pb2, gate_pb2, policy_pb2, reply_pb2, review_pb2, source_pb2)
RPC = re.compile(r"((?:  //[^\n]*\n)+)  rpc (\w+)\(")


def test_table_has_exactly_the_methods_of_the_protos() -> None:
    found = {
        service.name: {method.name for method in service.methods}
        for module in MODULES
        for service in module.DESCRIPTOR.services_by_name.values()
    }
    assert {name: set(methods) for name, methods in METHODS.items()} == found


def test_every_service_is_served() -> None:
    services, _, _ = build_services()
    assert {service.name for service, _ in services_of(services)} == set(METHODS)


@pytest.mark.parametrize("name", ["gate", "reply", "review", "audit", "policy", "source"])
def test_protos_name_the_roles_of_the_table(name: str) -> None:
    table = METHODS[f"{name.capitalize()}Service"]
    comments = {rpc: comment for comment, rpc in RPC.findall((PROTOS / f"{name}.proto").read_text())}
    assert set(comments) == set(table)
    for rpc, comment in comments.items():
        words = " ".join(line.strip(" /") for line in comment.splitlines())
        named = re.search(r"May call: (.*?)\.", re.sub(r" \([^)]*\)", "", words))
        assert named, rpc
        roles = set(Role) if named[1] == "every role" else {Role(word.strip()) for word in named[1].split(",")}
        assert roles == table[rpc].roles, rpc
        assert ("NOT_IMPLEMENTED" in words) == table[rpc].is_planned, rpc


def test_no_audit_method_writes() -> None:
    assert not any(rule.is_mutating for rule in METHODS["AuditService"].values())


def test_mutating_requests_carry_a_request_id() -> None:
    for module in MODULES:
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                has_id = "request_id" in method.input_type.fields_by_name
                assert has_id == METHODS[service.name][method.name].is_mutating, method.full_name


def test_agents_cannot_reach_review_audit_or_policy_changes() -> None:
    for service in ("ReviewService", "AuditService"):
        assert all(Role.AGENT not in rule.roles for rule in METHODS[service].values())
    assert all(Role.AGENT not in rule.roles for rule in METHODS["PolicyService"].values() if rule.is_mutating)


def test_what_waits_is_counted_apart() -> None:
    waiting = {name for table in METHODS.values() for name, rule in table.items() if rule.is_waiting}
    assert waiting == {name for table in METHODS.values() for name in table if name.startswith(("Wait", "Watch"))}
