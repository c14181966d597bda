"""What a page shows and does not spell literally: entities, words split by tags or comments, attribute values.

Every step is linear in the text. Comments, scripts and attributes themselves stand in the source, which is read too.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption"
    r"|figure|footer|form|frame|h[1-6]|head|header|hr|html|input|legend|li|link|main|menu|meta|nav|ol|optgroup|option|p"
    r"|pre|script|section|select|style|summary|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|ul)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_VALUE = re.compile(r"=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>=]+))")
_NOTHING = "<!>"


def markup_texts(text: str) -> list[str]:
    """The words of the page that differ from its source, as one text; none if nothing differs."""
    lines: list[str] = []
    for block in _BLOCK.split(_uncommented(text)):
        lines += _hidden(block)
    if "<!--" in text:
        lines += (line for block in _BLOCK.split(text) for line in _hidden(block))
    for tag in _TAG.findall(text):
        if "&" in tag:
            lines += (html.unescape("".join(groups)) for groups in _VALUE.findall(tag))
    hidden = "\n".join(line for line in dict.fromkeys(lines) if line)
    return [hidden] if hidden else []


def _hidden(block: str) -> list[str]:
    """What is shown of a piece between blocks, where its characters do not stand together in the source."""
    if "<" not in block and "&" not in block:
        return []
    shown = html.unescape(_TAG.sub("", block))
    literal = {line.strip() for line in _TAG.sub("\n", block).splitlines()}
    return [line for line in map(str.strip, shown.splitlines()) if line not in literal]


def _uncommented(text: str) -> str:
    """`text` with an empty tag for each comment and each mark of CDATA."""
    parts: list[str] = []
    position = 0
    text = text.replace("<![CDATA[", _NOTHING).replace("]]>", _NOTHING)
    while (start := text.find("<!--", position)) >= 0:
        parts += (text[position:start], _NOTHING)
        end = text.find("-->", start + 4)
        if end < 0:
            position = start + 4
            break
        position = end + 3
    parts.append(text[position:])
    return "".join(parts)
