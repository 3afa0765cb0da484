"""Which addresses stand in bytes that no parser could read, or that were set aside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Self
from urllib.parse import urlsplit

from wiredesk.clean.urls import url_key

# Up to what ends a URL in XML, HTML and JSON alike.
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
# What an item says of itself, in RSS and Atom and in JSON.
_OWN_XML = re.compile(
    r"<(?:link|guid|id)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]+)|<link\b[^>]*\bhref\s*=\s*[\"']([^\"']+)",
    re.IGNORECASE,
)
_OWN_JSON = ("url", "link", "id", "external_url", "guid")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses that are looked for: some, and all below a prefix."""

    keys: frozenset[str]
    prefix: str | None
    hosts: frozenset[str]  # which stand in any spelling of these addresses

    @classmethod
    def of(cls, keys: Iterable[str], prefix: str | None = None) -> Self:
        """These keys, and what is below the prefix, which is a key itself."""
        wanted = frozenset(keys)
        places = wanted if prefix is None else wanted | {prefix}
        return cls(wanted, prefix, frozenset(urlsplit(place).netloc for place in places) - {""})

    def has(self, addresses: Iterable[str]) -> bool:
        """Whether any of these, in whatever spelling, is one of them."""
        keys = (url_key(address) for address in addresses if any(host in address for host in self.hosts))
        return any(key is not None and (key in self.keys or self._is_below(key)) for key in keys)

    def _is_below(self, key: str) -> bool:
        if self.prefix is None:
            return False
        return key == self.prefix or key.startswith((f"{self.prefix}/", f"{self.prefix}?"))


def addresses_in(raw: bytes) -> Iterable[str]:
    """All that stand anywhere in these bytes: of XML, of HTML, or of JSON, which may escape its slashes."""
    text = raw.decode("utf-8", "replace").replace("\\/", "/")
    for found in _ADDRESS.findall(text):
        (address, *_) = re.split(r"[\s\"'<>]", unescape(found), maxsplit=1)
        yield address.rstrip("])}.,;")


def own_addresses(raw: bytes, key: str | None) -> list[str]:
    """Those that an item names as its own, by its key or in its link and id; not those that its text links to."""
    text = raw.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except ValueError:
        found = [unescape(link or href) for link, href in _OWN_XML.findall(text)]
    else:
        named = [said.get(name) for name in _OWN_JSON] if isinstance(said, dict) else []
        found = [address for address in named if isinstance(address, str)]
    return found if key is None else [key, *found]
