"""`outguard policy`: check rule files and run their tests, without a server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.output import console, print_json
from outguard.cli.pause import DEFAULT_TARGET, CaOption, TargetOption, TokenOption
from outguard.errors import ConfigError, InvalidInputError, OutguardError, PolicyError

if TYPE_CHECKING:
    from outguard.client.policy import PolicyClient
    from outguard.policy.testing import CaseResult

WEEK_H = 168.0
app = typer.Typer(no_args_is_help=True, help="Check rule files, run their tests, show what they say and why.")
RulesArgument = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", exists=True, file_okay=False, help="Rule folder (default: shipped).")
]


@app.command()
def lint(rules: RulesArgument = None) -> None:
    """Check every file of a rule folder and print all problems, each with file, line and path. Status 1 if any."""
    from outguard.bootstrap import rules_of

    files = rules_of(rules)
    problems = problems_of(files)
    for problem in problems:
        typer.echo(problem)
    if problems:
        typer.echo(f"outguard: {len(problems)} problem(s) in {len(files)} files", err=True)
        raise typer.Exit(1)
    typer.echo(f"{len(files)} files are valid")


@app.command("test")
def run(
    rules: RulesArgument = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the cases that passed, too.")] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", dir_okay=False, help="Write the results here, as JUnit XML for CI.")
    ] = None,
) -> None:
    """Run the cases of every *_test.yaml in a rule folder. Status 1 if any fails."""
    from outguard.bootstrap import rules_of

    results = run_tests(rules_of(rules))
    failed = sum(not result.passed for result in results)
    for result in results:
        if not result.passed or verbose:
            word = "ok  " if result.passed else "FAIL"
            typer.echo(f"{word} {result.file}:{result.line}: {result.name}")
            for failure in result.failures:
                typer.echo(f"       {failure}")
    typer.echo(f"{len(results) - failed} passed, {failed} failed")
    if junit is not None:
        from outguard.cli.junit import write_junit

        write_junit(junit, results)
    if failed:
        raise typer.Exit(1)


ProfileOption = Annotated[str, typer.Option("--profile", help="The policy's variant, such as regulated.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


@app.command()
def explain(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="A YAML or JSON file with one action; - reads stdin.")
    ],
    rules: Annotated[
        Path | None, typer.Option("--rules", exists=True, file_okay=False, help="Rule folder (default: shipped).")
    ] = None,
    profile: ProfileOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say what the gate would decide on an action, and why: rules, signals, caps.

    The file holds the keys of a policy test's `action`, and may hold `agent` and `signals` beside them.
    """
    from outguard.bootstrap import rules_of
    from outguard.cli.policy_show import explained, print_explanation

    found = explained(rules_of(rules), action, profile=profile)
    if as_json:
        print_json(found)
    else:
        print_explanation(console(), found)


@app.command()
def grade(rules: RulesArgument = None, as_json: JsonOption = False) -> None:
    """Print every action type with its grade: reversibility, blast radius, stakes, and the tier they give."""
    from outguard.bootstrap import rules_of
    from outguard.cli.policy_show import grades, print_grades

    rows = grades(rules_of(rules))
    if as_json:
        print_json(rows)
    else:
        print_grades(console(), rows)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", exists=True, file_okay=False, help="The rule folder in force.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", exists=True, file_okay=False, help="The one to replace it.")],
    profile: ProfileOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say what NEW changes against OLD: stricter, looser, or not provable; and who must sign what may loosen."""
    from outguard.bootstrap import rules_of
    from outguard.cli.policy_diff import changes_between, print_changes

    found = changes_between(rules_of(old), rules_of(new), profile=profile)
    if as_json:
        print_json(found)
    else:
        print_changes(console(), found)


@app.command()
def simulate(
    new: Annotated[Path, typer.Argument(metavar="NEW", exists=True, file_okay=False, help="The rule folder to try.")],
    against: Annotated[
        str, typer.Option("--against", metavar="record|DIALOGUES", help="A server's record, or recorded conversations.")
    ],
    old: Annotated[
        Path | None,
        typer.Option("--old", exists=True, file_okay=False, help="With DIALOGUES: compare to (default: shipped)."),
    ] = None,
    topics: Annotated[
        Path | None, typer.Option("--topics", exists=True, dir_okay=False, help="With DIALOGUES: what the tools mean.")
    ] = None,
    approve: Annotated[
        str, typer.Option(help="With DIALOGUES: how held actions are ruled: none, all or wanted.")
    ] = "none",
    limit: Annotated[int, typer.Option(min=0, help="With DIALOGUES: so many conversations (0: all).")] = 0,
    hours: Annotated[
        float | None,
        typer.Option(min=0.01, help="How far back in the record (default: 168); the time that DIALOGUES take."),
    ] = None,
    reviewers: Annotated[int, typer.Option(min=1, help="How many people share the queue, for the forecast.")] = 1,
    as_json: JsonOption = False,
    target: TargetOption = DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Say what NEW would have decided otherwise: stricter, looser, unchanged, by rule, and the work it would make.

    `record` asks a running server to try NEW on its own record; nothing takes effect. Conversations (see `replay`) are
    played on two servers with empty stores.
    """
    from outguard.bootstrap import read_rules
    from outguard.cli.policy_simulate import over_dialogues, print_simulation

    if against == "record":
        with _client(target, token, ca) as client:
            answer = client.simulate_policy(read_rules(new), hours=hours or WEEK_H)
        for problem in answer.problems:
            typer.echo(f"{problem.file}:{problem.line}: {problem.path}: {problem.message}", err=True)
        if answer.problems:
            raise typer.Exit(1)
        result = answer.as_plain(reviewers)
    else:
        from dataclasses import replace

        from outguard.cli.replay import Approve, read_topics
        from outguard.domain.simulation import plain_of

        if approve not in set(Approve):
            raise InvalidInputError("--approve is none, all or wanted")
        tools = read_topics(topics)
        found = over_dialogues(against, old=old, new=new, tools=tools, approve=Approve(approve), limit=limit)
        result = dict(plain_of(replace(found, hours=hours or 0.0), reviewers=reviewers))
    if as_json:
        print_json(result)
    else:
        print_simulation(console(), result)


@app.command("reload")
def load_again(target: TargetOption = DEFAULT_TARGET, token: TokenOption = "", ca: CaOption = None) -> None:
    """Let a running server read its rule files again. Status 1 if they are not in force then."""
    from outguard.cli.policy_diff import print_changes

    with _client(target, token, ca) as client:
        found = client.reload_policy()
    for problem in found.problems:
        typer.echo(f"{problem.file}:{problem.line}: {problem.path}: {problem.message}")
    rows = [
        {"where": one.where, "effect": one.effect.lower(), "area": one.area.lower(), "what": one.what}
        for one in found.changes
    ]
    if rows:
        print_changes(console(), {"changes": rows, "sign_off": [area.lower() for area in found.missing_sign_offs]})
    if found.loaded:
        typer.echo(f"{found.policy.snapshot} is in force")
        return
    waiting = f"{found.proposed} waits; " if found.proposed else ""
    typer.echo(f"{waiting}{found.policy.snapshot} stays in force", err=True)
    raise typer.Exit(1)


@app.command()
def sign(
    snapshot: Annotated[str, typer.Argument(metavar="SNAPSHOT", help="The policy that waits, v1:...")],
    area: Annotated[str, typer.Option("--area", help="security, finance or compliance.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")],
    target: TargetOption = DEFAULT_TARGET,
    token: TokenOption = "",
    ca: CaOption = None,
) -> None:
    """Put your name under a policy that loosens something; then let it be loaded again."""
    with _client(target, token, ca) as client:
        signed = client.sign_policy(snapshot, area, reason=reason)
    typer.echo(f"{snapshot} is signed for: {', '.join(area.lower() for area in signed)}")


@app.command()
def snapshots(target: TargetOption = DEFAULT_TARGET, token: TokenOption = "", ca: CaOption = None) -> None:
    """List the policies that are or were in force, the last loaded first."""
    with _client(target, token, ca) as client:
        for one in client.list_snapshots():
            at = "" if one.loaded_at is None else one.loaded_at.strftime("%Y-%m-%d %H:%M:%S")
            typer.echo(f"{one.snapshot}  {at}  version {one.version}, {len(one.rules)} rules")


@contextmanager
def _client(target: str, token: str, ca: Path | None) -> Iterator[PolicyClient]:
    from outguard.client.policy import PolicyClient

    if not token:
        raise ConfigError("give your token with --token or OUTGUARD_TOKEN")
    with PolicyClient(target, token, root_certificates=ca.read_bytes() if ca else None) as client:
        yield client


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="policy, gate, profile, tests or topics.")] = "policy",
) -> None:
    """Print the JSON Schema of a kind of rule file, for editors."""
    from outguard.policy.json_schema import schema_of

    print_json(schema_of(kind))


def problems_of(files: Mapping[str, str]) -> list[str]:
    """Everything wrong with rule files: policy, profiles, topic maps, tests, and detectors with their own examples."""
    from outguard.bootstrap import build_judge
    from outguard.detection.engine import lint_detectors
    from outguard.policy.lint import lint

    found = lint({name: text for name, text in files.items() if not name.startswith("detectors/")})
    problems = [str(problem) for problem in found]
    try:
        build_judge(files)
        detectors = {name: text for name, text in files.items() if name.startswith("detectors/")}
        problems += [str(problem) for problem in lint_detectors(detectors)]
    except PolicyError as error:
        problems += [str(problem) for problem in error.problems] or [error.message]
    except OutguardError as error:
        problems.append(error.message)
    return list(dict.fromkeys(problems))


def run_tests(files: Mapping[str, str]) -> list[CaseResult]:
    """Results of every case, in the order of the files.

    Raises:
        PolicyError: if the policy or a test file is not valid.
        ConfigError: if there is no test file.
    """
    from outguard.gate.decide import decide
    from outguard.policy.compile import compile_policy
    from outguard.policy.testing import load_cases, run_cases

    tests = [load_cases(text, file=name) for name, text in sorted(files.items()) if name.endswith("_test.yaml")]
    if not tests:
        raise ConfigError("the folder holds no *_test.yaml")
    policies = {profile: compile_policy(files, profile=profile) for profile in {each.profile for each in tests}}
    return [result for each in tests for result in run_cases(policies[each.profile], each, decide=decide)]
