"""Bytes of a page as text, in the order of trust that browsers and experience give."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKS = tuple(mark for mark, _ in _BOMS)
_TABLE_SWITCH = b"\x1b$"  # ISO 2022: bytes of seven bits, which would pass for UTF-8
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{2,30})", re.IGNORECASE)
_META_BYTES = 4096  # the HTML standard asks for 1024; publishers need more
# WHATWG encoding standard: what these labels mean on the web.
_MEANT = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932", "utf-16": "utf-16-le",
}  # fmt: skip
_ALLOWED = frozenset(
    ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "big5hkscs", "cp932", "cp949", "euc_jp", "iso2022_jp"]
    + ["cp866", "cp874", "koi8-r", "koi8-u", "mac-cyrillic", "mac-roman"]
    + [f"cp{number}" for number in range(1250, 1259)]
    + [f"iso8859-{number}" for number in range(2, 17)]
)


def decode_page(body: bytes, content_type: str | None) -> str:
    """Decode by byte order mark, else as UTF-8 if it is that, else by header, else by the page's own meta.

    Valid UTF-8 with a letter beyond ASCII is UTF-8 whatever a server says. Bytes that remain undecodable become
    U+FFFD: a wrong character is better than a lost story. Characters that XML does not know (section 2.2) go: at the
    first of them libxml2 may end the document. Never raises.
    """
    if not body.startswith(_MARKS) and _TABLE_SWITCH not in body:
        try:
            text = body.translate(None, _CONTROLS).decode("utf-8")  # many times faster than to look for them
        except UnicodeDecodeError:
            pass
        else:
            return text if "\ufffe" not in text and "\uffff" not in text else _INVALID.sub("", text)
    return _INVALID.sub("", _decoded(body, content_type))


def _decoded(body: bytes, content_type: str | None) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    head = body[:_META_BYTES].decode("ascii", "ignore")
    for text in (content_type or "", head):
        if (found := _CHARSET.search(text)) and (name := _codec(found[1])):
            return body.decode(name, "replace")
    text = body.decode("utf-8", "replace")
    beyond_ascii = sum(character > "\x7f" for character in text)
    is_damaged_utf8 = text.count("\ufffd") * 10 < beyond_ascii  # in another encoding nearly every letter fails
    return text if is_damaged_utf8 else body.decode("cp1252", "replace")


def _codec(label: str) -> str | None:
    """Python's name for a web encoding; None for one that no page is written in (`utf-7`, `unicode_escape`)."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    name = _MEANT.get(name, name)
    return name if name in _ALLOWED else None
