"""The quality report, `docs/quality.md`: one table per set, the command that gave it, the date. Pure.

What stands between the two marks of `KEPT` is written by people and stays when the report is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from outguard.bench.score import VERDICTS

KEPT = ("<!-- kept: unseen industries -->", "<!-- end of kept -->")
_UNFILLED = "Not measured yet.\n"
_TRAIN = "train/"
_RATES = ("precision", "recall", "f2")
_GROUPS = {"pattern_types": "**pattern types**", "free_types": "**names, places, dates**", "all_types": "**all**"}
_WHOLES = "**pattern types, addresses whole**"
_WORDS = {"pattern_types": "**words of pattern types**", "all_types": "**words of all types**"}

Part = Mapping[str, Any]


def render_report(result: Part, before: str = "") -> str:
    """The report as Markdown; `before` is the report it replaces."""
    sets: Part = result["sets"]
    trained = {name: part for name, part in sets.items() if name.startswith(_TRAIN)}
    parts: list[str] = [_head(result)]
    if "replies_dev" in sets:
        parts.append(_labelled_replies("Labelled replies (replies_dev)", sets["replies_dev"]))
    if trained:
        parts.append(_industries(trained))
    parts.append(_unseen(before))
    if result["replay"] is not None:
        parts.append(_replay(result["replay"]))
    if result.get("leaks") is not None:
        parts.append(_leaks(result["leaks"]))
    parts.extend(_span_set(name, part) for name, part in sets.items() if "span_set" in part)
    parts.extend(_entity_cases(name, part) for name, part in sets.items() if "entity_cases" in part)
    credentials = {name: part for name, part in sets.items() if "credentials" in part}
    if credentials:
        parts.append(_credentials(credentials))
    disguised = {name: part for name, part in sets.items() if "disguised" in part}
    if disguised:
        parts.append(_disguised(disguised))
    return "\n".join(parts)


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, figures to the right; a bar in a cell cannot break it."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def share(value: float | None) -> str:
    """A rate with three digits, a dash without cases."""
    return "-" if value is None else f"{value:.3f}"


def kept(before: str) -> str:
    """What people wrote between the marks, or the line that nothing is there yet."""
    opening, closing = KEPT
    _, found, rest = before.partition(opening)
    text, is_closed, _ = rest.partition(closing)
    return text.lstrip("\n") if found and is_closed and text.strip() else _UNFILLED


def _head(result: Part) -> str:
    text = f"""# Quality

Measured on {result["date"]} by `make eval DATA=DIR`, which writes this page. `DATA` in the commands below is that
folder, with the open sets in `data/` and the labelled replies in `eval/`. F2 holds recall twice as important as
precision. A labelled place is met by a finding of its type that overlaps it by at least half of the longer of the two.

All these sets lay open while rules and models were made, so no figure here but those under "Unseen industries" stands
for texts never seen before.
"""
    if result["skipped"]:
        text += "\nSkipped, because the folder does not hold them: " + ", ".join(result["skipped"]) + ".\n"
    return text


def _labelled_replies(title: str, part: Part) -> str:
    verdict = part["verdict"]
    matrix = markdown_table(
        ("labelled \\ given", *VERDICTS),
        [[want, *(verdict["confusion"][want][got] for got in VERDICTS)] for want in VERDICTS],
    )
    head = ("category / type", "labelled", "found", "precision", "recall", "F2", "status right")
    rows: list[Sequence[object]] = []
    for name, row in part["categories"].items():
        rows.append((f"**{name}**", *_figures(row)))
        rows += [
            (kind.removeprefix(f"{name}/"), *_figures(detail))
            for kind, detail in part["types"].items()
            if kind.startswith(f"{name}/")
        ]
    latency = part["latency_ms"]
    return f"""## {title}

`{part["command"]}`

{part["answered"]} replies: accuracy {share(verdict["accuracy"])}, ALLOW kept {share(verdict["allow_kept"])}, REDACT \
recall {share(verdict["redact_recall"])}, QUARANTINE recall {share(verdict["quarantine_recall"])}; \
{latency["p50"]} ms a reply in the middle, {latency["p99"]} ms at the 99th percentile.

{matrix}
{markdown_table(head, rows)}"""


def _figures(row: Part) -> tuple[object, ...]:
    return (row["labelled"], row["found"], *(share(row[key]) for key in (*_RATES, "status_accuracy")))


def _industries(parts: Part) -> str:
    head = ["set", "replies", "accuracy", "ALLOW kept", "REDACT recall", "QUARANTINE recall"]
    head += ["pii F2", "secret F2", "internal F2", "commitment F2", "commitment status right"]
    rows: list[Sequence[object]] = []
    for name, part in parts.items():
        verdict, categories = part["verdict"], part["categories"]
        rates = [share(verdict[key]) for key in ("accuracy", "allow_kept", "redact_recall", "quarantine_recall")]
        f2 = [share(categories.get(key, {}).get("f2")) for key in ("pii", "secret", "internal", "commitment")]
        status = share(categories.get("commitment", {}).get("status_accuracy"))
        rows.append((name, part["answered"], *rates, *f2, status))
    commands = "\n".join(f"- `{part['command']}`" for part in parts.values())
    return f"""## The four train industries: seen, not unseen

The shipped sentence model is trained on these industries' texts, so these rows show what it has learnt, not how it
would do on an industry it has never met. For that see the next section.

{markdown_table(head, rows)}
{commands}
"""


def _unseen(before: str) -> str:
    return f"""## Unseen industries

Figures of models trained without the industry they are measured on. Written by hand; kept when this page is made again.

{KEPT[0]}
{kept(before)}{KEPT[1]}
"""


def _replay(part: Part) -> str:
    actions, replies, solved = part["actions"], part["replies"], part["solved"]
    decisions = list(actions["by_decision"])
    by_reference = markdown_table(
        ("action against the reference solution", *decisions),
        [[name, *(row.get(key, 0) for key in decisions)] for name, row in actions["by_reference"].items()]
        + [["**all**", *(actions["by_decision"][key] for key in decisions)]],
    )
    verdicts = markdown_table(
        ("replies", "all", *VERDICTS),
        [
            ("all conversations", replies["total"], *(replies["by_verdict"].get(key, 0) for key in VERDICTS)),
            ("solved conversations", solved["replies"], *(solved["by_verdict"][key] for key in VERDICTS)),
        ],
    )
    acted = replies["acted_on_by_verdict"]
    types = markdown_table(
        ("finding that was acted on", "REDACT", "QUARANTINE"),
        [
            (name, acted.get("REDACT", {}).get(name, 0), acted.get("QUARANTINE", {}).get(name, 0))
            for name in sorted({name for counts in acted.values() for name in counts})
        ],
    )
    latency = markdown_table(
        ("call over gRPC, ms", "p50", "p95", "p99", "max"),
        [(name, *(row[key] for key in ("p50", "p95", "p99", "max"))) for name, row in part["latency_ms"].items()],
    )
    errors = ", ".join(f"{name} {count}" for name, count in part["errors"].items()) or "none"
    approvals = ", ".join(f"{name} {count}" for name, count in actions["approvals"].items()) or "none"
    return f"""## Replay of real conversations (tau2-bench)

`{part["command"]}`

{part["dialogues"]} conversations, {part["events"]} events, through a real server. Held actions are approved where \
they are exactly those of the reference solution, else denied: {approvals}. Errors: {errors}. The shipped sentence \
model names conversations of this set among its training texts.

Replies of solved conversations: ALLOW {share(solved["allowed"])}, not quarantined {share(solved["not_quarantined"])}.

{by_reference}
{_writes(actions["writes"])}
{verdicts}
{types}
{latency}"""


def _writes(part: Part) -> str:
    """What share of the writes that nobody asked for meets a person or is denied, at what share of the exact ones."""
    columns = ("exact", "exact_stopped", "exact_share", "others", "others_stopped", "others_share")
    head = ("exact writes", "stopped", "share", "unwanted or inexact", "stopped", "share")
    tables = [
        markdown_table(
            (title, *head),
            [
                [name, *("-" if row[key] is None else row[key] for key in columns)]
                for name, row in part[f"by_{title}"].items()
            ],
        )
        for title in ("domain", "rule")
    ]
    return "\n".join(tables)


def _leaks(part: Part) -> str:
    rows: list[Sequence[object]] = []
    for name in part["leaks"]["internal"]:
        line: list[object] = [f"**{name}**" if name == "all" else name]
        for group in ("internal", "public"):
            row = part["leaks"][group].get(name, {"pasted": 0, "share": None})
            line += [row["pasted"], share(row["share"])]
        rows.append(line)
    head = ("pasted", "internal", "found", "public", "found (should not be)")
    return f"""## Internal documents pasted into replies

`{part["command"]}`

{part["internal"]} internal documents are registered as internal, {part["public"]} public ones as public; each is \
pasted into a reply whole and sentence by sentence (eight words or more), as it is and after each light edit. \
Sentences of internal documents that stand in a public one too count as public.

{markdown_table(head, rows)}"""


def _span_set(name: str, part: Part) -> str:
    ours, theirs = part["span_set"], part.get("span_set_presidio")
    head = ["type", "labelled", "found", "precision", "recall", "F2"]
    if theirs is not None:
        head += ["Presidio found", "precision", "recall", "F2"]
    rows: list[Sequence[object]] = []
    rivals = None if theirs is None else _span_rows(theirs)
    for title, row in _span_rows(ours).items():
        line = [title, row["labelled"], row["found"], *(share(row[rate]) for rate in _RATES)]
        if rivals is not None:
            line += [rivals[title]["found"], *(share(rivals[title][rate]) for rate in _RATES)]
        rows.append(line)
    left_out = ", ".join(f"{label} {count}" for label, count in ours["left_out"].items()) or "none"
    extra = ", ".join(f"{kind} {count}" for kind, count in ours["found_of_unlabelled_types"].items()) or "none"
    beside = "" if theirs is None else " Presidio: default English recognizers, a blank pipeline, the same texts."
    return f"""## Span set {name}

`{part["command"]}`

{ours["texts"]} texts.{beside} Labels left out: {left_out}. Findings of types that the set does not label: {extra}.

Such a set labels most addresses part by part (house number, street, unit), where we report one whole address; the \
rows of places count each part as missed. "Addresses whole" joins the parts of an address, labelled or found, before \
counting. The last two rows count words, whatever the type: that is how the benchmark's published figures are made, \
and it does not mind whether an address is labelled whole or in parts.

{markdown_table(head, rows)}"""


def _span_rows(side: Part) -> dict[str, Part]:
    groups = {title: side[key] for key, title in _GROUPS.items()}
    wholes = {_WHOLES: side["wholes"]["pattern_types"]}
    return {**side["types"], **groups, **wholes, **{title: side["words"][key] for key, title in _WORDS.items()}}


def _entity_cases(name: str, part: Part) -> str:
    ours, theirs = part["entity_cases"], part.get("entity_cases_presidio")
    head = ["entity", "our type", "places", "recall", "negatives", "left alone"]
    head += [] if theirs is None else ["Presidio recall", "left alone"]
    rows: list[Sequence[object]] = []
    for entity, row in {**ours["entities"], "**all**": ours["all"]}.items():
        line = [entity, row["type"] or "", row["labelled"], share(row["recall"])]
        line += [row["negatives"], share(row["specificity"])]
        if theirs is not None:
            other = theirs["entities"].get(entity, theirs["all"])
            line += [share(other["recall"]), share(other["specificity"])]
        rows.append(line)
    left_out = ", ".join(f"{entity} {count}" for entity, count in ours["left_out"].items()) or "none"
    return f"""## One-entity cases ({name})

`{part["command"]}`

A case speaks for its own entity only. Our types are coarser: any finding of the type counts against a hard negative. \
Entities left out: {left_out}.

{markdown_table(head, rows)}"""


def _credentials(parts: Part) -> str:
    head = ("set", "counted as found", "positives", "recall", "negatives", "left alone")
    rows: list[Sequence[object]] = []
    for name, part in parts.items():
        row = part["credentials"]
        pairs = {"live": ("recall", "specificity")}
        pairs["live or placeholder"] = ("recall_with_placeholders", "specificity_with_placeholders")
        for counted, (recall, specificity) in pairs.items():
            figures = (row["positives"], share(row[recall]), row["negatives"], share(row[specificity]))
            rows.append((name, counted, *figures))
        others = row["negatives"] - row["negatives_labelled_elsewhere"]
        figures = (row["positives"], share(row["recall"]), others, share(row["specificity_of_the_others"]))
        rows.append((name, "live, no contradictions", *figures))
    commands = "\n".join(f"- `{part['command']}`" for part in parts.values())
    return f"""## Credentials

A placeholder such as `YOUR_API_KEY` is reported but stays in the reply, so the first row of each set counts live
findings alone; the second counts every reported credential, as sets made of invented keys expect. The sets ask one
plug-in of their tool at a time, so that some negatives hold only what the same set labels a credential of another
plug-in, or what an option of the tool allows (`ok.allows`); the third row leaves those negatives out. Plug-ins that ask
for IP addresses are scored as one-entity cases: here they are personal data.

{markdown_table(head, rows)}
{commands}
"""


def _disguised(parts: Part) -> str:
    names = list(dict.fromkeys(name for part in parts.values() for name in part["disguised"]["disguises"]))
    rows: list[Sequence[object]] = []
    for name in [*names, "**all**"]:
        line: list[object] = [name]
        for part in parts.values():
            found = part["disguised"]["all"] if name == "**all**" else part["disguised"]["disguises"].get(name)
            line += ["-"] if found is None else [_recalled(found)]
        rows.append(line)
    commands = "\n".join(f"- `{part['command']}`" for part in parts.values())
    return f"""## Disguised positives

Every positive with a form of its own, in every disguise that makes sense for it: recall, in brackets the share of those
found undisguised that stay found, and how many there are. What is not found undisguised counts as missed here too.

{markdown_table(("disguise", *parts), rows)}
{commands}
"""


def _recalled(row: Part) -> str:
    return f"{share(row['recall'])} ({share(row['recall_of_found_plain'])}) of {row['values']}"
