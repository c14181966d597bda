# ruff: noqa: E501 - machines write long lines
"""Machine text: found however it was made, left where it is shown to the reader on purpose."""

from __future__ import annotations

import pytest
from inside_words import found

BLOCKS = [
    ("REASONING", "<think>\nShe wants the invoice.\n</think>"),
    ("REASONING", "[THINK]She wants it.[/THINK]"),
    ("REASONING", "<antThinking>wants it</antThinking>"),
    ("REASONING", "<|START_THINKING|>wants it<|END_THINKING|>"),
    ("REASONING", "<｜tool▁calls▁begin｜>get_order<｜tool▁calls▁end｜>"),
    ("REASONING", "<|channel|>analysis<|message|>She wants it<|end|>"),
    ("REASONING", "◁think▷wants it◁/think▷"),
    ("REASONING", '<function=get_order>{"id": 7}</function>'),
    ("REASONING", '[TOOL_CALLS] [{"name": "get_order", "arguments": {"id": 7}}]'),
    ("REASONING", 'functools[{"name": "get_order"}]'),
    ("REASONING", '{"name": "get_order", "arguments": {"id": 7}}'),
    ("REASONING", "print(default_api.get_order(id=7))"),
    ("REASONING", "<tool_code>\nget_order(7)\n</tool_code>"),
    ("REASONING", "Invoking: `get_order` with `{'id': 7}`"),
    ("REASONING", "AIMessage(content='', additional_kwargs={})"),
    ("REASONING", "> Entering new AgentExecutor chain..."),
    (
        "REASONING",
        'Thought: I should look up the order\nAction: get_order\nAction Input: {"id": 7}\nObservation: {"state": "SENT"}',
    ),
    ("REASONING", '{"type": "tool_use", "id": "toolu_01A", "name": "get_order", "input": {"id": 7}}'),
    ("REASONING", '{"role": "tool", "tool_call_id": "call_9", "content": "SENT"}'),
    ("DEBUG_TRACE", "Traceback (most recent call last):\n  File \"/srv/a.py\", line 3, in f\nKeyError: 'eta'"),
    ("DEBUG_TRACE", 'Exception in thread "main" java.lang.NullPointerException\n\tat com.shop.A.b(A.java:12)'),
    ("DEBUG_TRACE", "TypeError: Cannot read properties of undefined (reading 'id')\n    at load (/app/dist/a.js:4:13)"),
    (
        "DEBUG_TRACE",
        "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 +0x1d",
    ),
    (
        "DEBUG_TRACE",
        "System.InvalidOperationException: Sequence contains no elements\n   at Shop.Orders.Find(Int32 id) in C:\\build\\Orders.cs:line 41",
    ),
    (
        "DEBUG_TRACE",
        "PHP Fatal error:  Uncaught Exception: no row in /var/www/a.php on line 9\n#0 /var/www/b.php(3): f()\n#1 {main}",
    ),
    (
        "DEBUG_TRACE",
        "app/models/order.rb:12:in `find': undefined method `id' for nil:NilClass (NoMethodError)\n\tfrom app/a.rb:3:in `show'",
    ),
    ("DEBUG_TRACE", 'Exception in thread "main" kotlin.KotlinNullPointerException\n\tat shop.OrderKt.find(Order.kt:8)'),
    (
        "DEBUG_TRACE",
        "Fatal error: Unexpectedly found nil while unwrapping an Optional value: file Shop/Order.swift, line 31",
    ),
    ("DEBUG_TRACE", "ERROR 1064 (42000): You have an error in your SQL syntax near 'FORM orders'"),
    (
        "DEBUG_TRACE",
        'ERROR: duplicate key value violates unique constraint "orders_pkey"\nDETAIL: Key (id)=(7) already exists.',
    ),
    ("DEBUG_TRACE", "[orders-svc] WARN lookup(id=7) -> E_TIMEOUT req=1f2e"),
    ("DEBUG_TRACE", "Jan  5 09:00:01 web-3 mailer[812]: timeout"),
    ("DEBUG_TRACE", "E0105 09:00:01.123456 1 controller.go:114] sync failed"),
    ("DEBUG_TRACE", "level=error ts=2026-01-05 msg=timeout"),
    ("DEBUG_TRACE", "ERROR:shop.orders:no row for 7"),
    ("DEBUG_TRACE", "POST /v1/orders HTTP/1.1\nHost: orders.shop.internal\nX-Request-Id: 77"),
    ("DEBUG_TRACE", "HTTP/1.1 502 Bad Gateway\nServer: nginx"),
    ("DEBUG_TRACE", "2026-01-05T09:00:01 WRN mailer slow by=3s"),
    ("DEBUG_TRACE", "[2026-01-05 09:00:01] ERR mailer rename failed"),
    ("DEBUG_TRACE", "<debug>cart=7 left=0</debug>"),
]


@pytest.mark.parametrize(("kind", "block"), BLOCKS)
def test_machine_text_without_introduction_is_found_whole(kind: str, block: str) -> None:
    assert (kind, block) in found(f"Your lamp left us today.\n\n{block}\n\nAnything else?")
    assert (kind, block) in found(f"{block}\n\nYour lamp left us today, Ann. Anything else?")


@pytest.mark.parametrize(
    "trace",
    [
        "Traceback (most recent call last): File \"a.py\", line 3, in f KeyError: 'eta'",
        "SELECT size FROM lamp WHERE id = 7; -- 1 row, 3 ms",
        "DELETE FROM basket WHERE id=7;",
    ],
)
def test_machine_text_in_the_middle_of_a_line_is_found_without_the_words_before(trace: str) -> None:
    assert found(f"Your lamp left us today. {trace}") == [("DEBUG_TRACE", trace)]
    assert found(f"You can run this: {trace}") == []


FIELDS = [
    "Hello {{customer_name}},",
    "Hi {{{Recipient.FirstName}}},",
    "Hi {first_name},",
    "Dear <<Name>>,",
    "Dear [[customer name]],",
    "Dear [INSERT NAME],",
    "Dear [Customer Name],",
    "Hi %FIRST_NAME%,",
    "Hi ${firstName},",
    "Hi #{name},",
    "Hi <customer_name>,",
    "Dear <Insert Name>,",
    "Hi *|FNAME|*,",
    "Hi {!Contact.FirstName},",
    "Hi @@name@@,",
    "Dear XXX,",
    "Your refund of $XX is on its way.",
    "Your order {order_number} left today.",
    "It arrives on [Date].",
    "Order #XXXX left today.",
    "Regards,\n[Your Name]",
    "Regards,\n[Agent Name]",
    "Dear Mr. XXX,",
    "We send it by {{ delivery_date | date }}.",
    "Your order ____ is ready.",
    "Hi [First Name]!",
]


@pytest.mark.parametrize("text", FIELDS)
def test_fields_that_nobody_filled_in_are_found(text: str) -> None:
    assert [kind for kind, _ in found(text)] == ["DEBUG_TRACE"]


SHOWN = [
    'Hi Ann, run this and send us what it prints:\n\ncurl -X POST https://api.shop.example/v1/orders \\\n  -H "Content-Type: application/json" \\\n  -d \'{"name": "lamp", "action": "create"}\'\n\nThat should do.',
    "Hi Ann, send the header\n\nX-Shop-Key: YOUR_KEY\n\nwith your own key.",
    "Hi Ann, your build log says:\n\nTypeError: Cannot read properties of undefined (reading 'id')\n    at load (index.js:4:13)\n\nso the variable is empty in your script.",
    "Hi Ann, you can list them with this query:\n\nSELECT id, state FROM orders WHERE state = 'open';\n\nIt runs in your own workspace.",
    'Hi Ann, for example:\n\n```json\n{"name": "webhook", "action": "notify", "result": {"ok": true}}\n```\n\nThe rest is in the docs.',
    "Hi Ann, call GET /v1/users/{id} with your token; {order_id} is the number on your slip.",
    "Hi Ann, in your template use `{{ customer_name }}` and we fill it in when it is sent.",
    "Hi Ann, replace [Your Name] with yours before you print the form.",
    "Hi Ann, set it in your .env file:\n\nLAMP_COLOR=red LAMP_SIZE=3 LAMP_MODE=auto\n\nand restart.",
    "Hi Ann, use ${{ secrets.TOKEN }} in your workflow, like this:\n\n- run: deploy --token ${TOKEN}\n",
    "Hi Ann, the size XXL is back, and your card ending XXXX-1234 works.",
    "Hi Ann, your [order page](https://shop.example/o) shows it.",
    "Hi Ann, see [Your Orders](https://shop.example/o) for the rest.",
    'Hi Ann, the response should look like this:\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{"status": "ok", "code": 0}\n',
    "Hi Ann, add to your nginx config:\n\nserver: lamp\nHost: lamp.example\n",
    "Hi Ann, in Python you'd write:\n\n```python\ntry:\n    load()\nexcept ValueError as error:\n    print(error)\n```\n\nThat prints the error and goes on.",
    "Hi Ann, the error you pasted (\"KeyError: 'eta'\") means the field is missing.",
    "Hi Ann, use <plan> as the name of the parameter, e.g. GET /plans/<plan>.",
    "Hi Ann, type SELECT in the box, choose UPDATE and press Set.",
    'Hi Ann, put this in the head of your page:\n\n<!-- shop widget -->\n<script src="https://cdn.shop.example/w.js"></script>\n',
    "Hi Ann, you can set a variable with export LAMP=${LAMP:-red} in your shell.",
    "Hi Ann, the code [INST-44] is on the box.",
    "Hi Ann, run `lamp --debug` and look for lines such as `[debug] socket closed`.",
    "Hi Ann, on your side try:\n\n    git pull\n    npm install\n    npm test\n",
    "Hi Ann, Order: 44\nState: sent\nCarrier: Hermes\nAnything else?",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_to_a_developer_is_left(text: str) -> None:
    assert found(text) == []


def test_what_the_customer_sent_is_left() -> None:
    line = "2026-01-05T09:00:01Z ERROR lampd timeout host=home retry=2"
    text = f"Thanks for the file. The line\n\n{line}\n\nmeans the lamp was off."
    assert found(text, last_user=f"here is my log: {line} please help") == []


@pytest.mark.parametrize(
    "text",
    [
        "Hi Ann, here is what our system gave me:\n\nKeyError: 'eta'\n\nSo please wait.",
        "Hi Ann, you can run this:\n\nSELECT id FROM orders WHERE host = 'db-1.shop.internal';\n\nDone.",
    ],
)
def test_what_is_ours_or_names_an_inside_system_is_not_shown_on_purpose(text: str) -> None:
    assert "DEBUG_TRACE" in [kind for kind, _ in found(text)]


def test_thinking_whose_end_was_lost_takes_the_rest() -> None:
    text = "<think>\nShe wants the invoice. Send the link"
    assert found(text) == [("REASONING", text)]


def test_thinking_whose_begin_was_lost_takes_what_stands_before() -> None:
    assert found("She wants the invoice.\n</think>\n\nYour invoice is under Account.") == [
        ("REASONING", "She wants the invoice.\n</think>")
    ]


def test_a_call_and_its_result_are_one_block() -> None:
    block = "<tool_call>order(7)</tool_call>\n<tool_result>sent</tool_result>"
    assert found(f"{block}\nYour lamp left us today.") == [("REASONING", block)]


@pytest.mark.parametrize(
    "line",
    [
        "Duration: 2h",
        "Host: Maria (she speaks German)",
        "Row: F",
        "Attempt: 2",
        "WARNING: the water is off 9:00-11:00",
        "STATEMENT 20315 of May",
        "at the Leeds branch (ground floor)",
    ],
)
def test_lines_that_people_write_are_no_log(line: str) -> None:
    assert found(f"Hi Ann,\n\nhere it is again.\n{line}\nSee you there.") == []
