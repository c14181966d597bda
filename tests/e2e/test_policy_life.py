"""A running server takes new rule files: what tightens at once, what loosens once it is signed, over restarts too."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from e2e_server import Server, serving, started

from outguard.bootstrap import shipped_rules
from outguard.cli.main import app
from outguard.client.agent import Client
from outguard.client.policy import PolicyClient
from outguard.client.values import Customer, Recipient
from outguard.errors import CallFailedError

SIGN_OFF = "sign_off: {compliance: [sena]}\n"
WAIT_S = 30.0


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules that names a signer."""
    folder = tmp_path / "rules"
    shutil.copytree(shipped_rules(), folder)
    (folder / "policy.yaml").write_text((folder / "policy.yaml").read_text() + SIGN_OFF)
    return folder


def change(rules: Path, old: str, new: str) -> None:
    path = rules / "policy.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def client(server: Server, person: str) -> PolicyClient:
    return PolicyClient(server.address, server.bearers[person])


def test_a_policy_lives(tmp_path: Path, rules: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (tmp_path / "data").mkdir()
    with (
        serving(tmp_path / "data", rules_dir=rules, policy_watch_s=0.2) as server,
        client(server, "adam") as admin,
        client(server, "sena") as senior,
    ):
        first = admin.get_snapshot().snapshot

        # Tightened on disk: in force without a call.
        change(rules, "required_approvals: 1", "required_approvals: 2")
        deadline = time.monotonic() + WAIT_S
        while (second := admin.get_snapshot().snapshot) == first:
            assert time.monotonic() < deadline, "the changed files were not followed"
            time.sleep(0.1)
        assert {one.snapshot for one in admin.list_snapshots()} == {first, second}

        # Tried on the record: nothing takes effect.
        capfdbinary.readouterr()
        simulate = ["policy", "simulate", str(rules), "--against", "record", "--json", "--target", server.address]
        assert app([*simulate, "--token", server.bearers["audra"]]) == 0
        assert json.loads(capfdbinary.readouterr().out)["unchanged"] == 0
        with Client(server.address, server.bearers["agent-1"]) as agent:
            agent.evaluate_reply(conversation_id="c", recipient=Recipient(), customer=Customer(), text="Hello there.")
        assert app([*simulate, "--token", server.bearers["audra"]]) == 0
        assert json.loads(capfdbinary.readouterr().out)["unchanged"] == 1
        assert admin.get_snapshot().snapshot == second

        # Unsound: told, and the last good one stays.
        change(rules, "required_approvals: 2", "required_approvals: many")
        unsound = admin.reload_policy()
        assert not unsound.loaded
        assert unsound.problems[0].file == "policy.yaml"
        assert admin.get_snapshot().snapshot == second

        # Loosened: waits until the named person has signed.
        change(rules, "required_approvals: many", "required_approvals: 1")
        waiting = admin.reload_policy()
        assert (waiting.loaded, waiting.missing_sign_offs) == (False, ("COMPLIANCE",))
        assert [one.effect for one in waiting.changes] == ["LOOSER"]
        with pytest.raises(CallFailedError) as refused:
            admin.sign_policy(waiting.proposed, "compliance", reason="mine")
        assert refused.value.code == "PERMISSION_DENIED"
        assert admin.get_snapshot().snapshot == second

        target = ["--target", server.address, "--token"]
        assert app(["policy", "reload", *target, server.bearers["adam"]]) == 1
        assert b"stays in force" in capfdbinary.readouterr().err
        sign = ["policy", "sign", waiting.proposed, "--area", "compliance", "--reason", "seen with legal"]
        assert app([*sign, *target, server.bearers["sena"]]) == 0
        assert app(["policy", "reload", *target, server.bearers["adam"]]) == 0
        assert senior.get_snapshot().snapshot == waiting.proposed == first
        capfdbinary.readouterr()
        assert app(["policy", "snapshots", *target, server.bearers["audra"]]) == 0
        assert re.findall(rb"v1:[0-9a-f]{16}", capfdbinary.readouterr().out)[0].decode() == first

        # Loosened while nobody serves: a restart is no way around the sign-off.
        server.terminate()
        change(rules, "required_approvals: 2", "required_approvals: 1")
        with started(tmp_path / "data", server.settings) as (_, address):
            with PolicyClient(address, server.bearers["adam"]) as again:
                assert again.get_snapshot().snapshot == first
            assert "signed for: compliance" in server.log
