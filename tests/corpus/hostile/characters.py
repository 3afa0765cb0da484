"""Characters, references and encodings."""

from __future__ import annotations

from tests.corpus.hostile.trick import item, rss, trick


@trick(2_000_000, 300_000)
def ampersand_flood(count: int) -> bytes:
    return rss(item(f"<title>{'&' * count}</title>")).encode()


@trick(1_500_000, 300_000)
def escaped_ampersand_flood(count: int) -> bytes:
    return rss(item(f"<title>{'&amp;' * count}</title>")).encode()


@trick(1_500_000, 300_000)
def named_reference_flood(count: int) -> bytes:
    return rss(item(f"<title>{'&nbsp;' * count}</title>")).encode()


@trick(1_000_000, 200_000)
def unknown_reference_flood(count: int) -> bytes:
    return rss(item(f"<title>{'&nope;' * count}</title>")).encode()


@trick(1_500_000, 300_000)
def bad_reference_flood(count: int) -> bytes:
    return rss(item(f"<title>x{'&#0;' * count}</title>")).encode()


@trick(500_000, 100_000)
def surrogate_reference_flood(count: int) -> bytes:
    return rss(item(f"<title>x{'&#xD800;&#xDC00;&#xDC00;' * (count // 3)}</title>")).encode()


@trick(5_000_000)
def endless_reference(size: int) -> bytes:
    return rss(item(f"<title>x&#{'9' * size};</title>")).encode()


@trick(5_000_000, 1_000_000)
def endless_reference_name(size: int) -> bytes:
    return rss(item(f"<title>x&{'a' * size};</title>")).encode()


@trick()
def nul_and_control_characters(_: int) -> bytes:
    bad = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF]))
    return rss(item(f"<title>a{bad}b</title><description>a\0b</description>", "a\0b")).encode()


@trick()
def nul_in_tag_names(_: int) -> bytes:
    return rss(item("<ti\0tle>x</ti\0tle>")).encode()


@trick(9_000_000, 3_000_000)
def ten_megabytes_of_nul(size: int) -> bytes:
    return rss(item(f"<title>x{chr(0) * size}</title>")).encode()


@trick()
def surrogate_references(_: int) -> bytes:
    return rss(item("<title>a&#xD800;b&#xDFFF;c&#55357;&#56832;d</title>", "&#xDC00;g")).encode()


@trick()
def raw_surrogates(_: int) -> bytes:
    return rss(item("<title>a\ud800b\udfffc\ud83d\ude00</title>")).encode("utf-8", "surrogatepass")


@trick()
def references_that_join_when_cleaned(_: int) -> bytes:
    return rss(item("<title>a&#x&#0;D800;b&#&#xD800;0;c</title>")).encode()


def _declared(charset: str, text: str) -> str:
    return text.replace('encoding="utf-8"', f'encoding="{charset}"')


LETTERS = rss(item("<title>Zürich 東京</title>"))


@trick()
def utf7(_: int) -> bytes:
    return _declared("utf-7", LETTERS).encode("utf-7")


@trick()
def utf16(_: int) -> bytes:
    return _declared("utf-16", LETTERS).encode("utf-16")


@trick()
def utf16_with_an_odd_byte(_: int) -> bytes:
    return _declared("utf-16", LETTERS).encode("utf-16") + b"\n"


@trick()
def utf32(_: int) -> bytes:
    return _declared("utf-32", LETTERS).encode("utf-32")


@trick()
def ebcdic(_: int) -> bytes:
    return _declared("cp037", rss(item("<title>Zürich</title>"))).encode("cp037")


@trick()
def wrongly_declared_charset(_: int) -> bytes:
    return _declared("iso-2022-jp", LETTERS).encode()


@trick()
def utf8_declared_as_utf16(_: int) -> bytes:
    return _declared("utf-16", LETTERS).encode()


@trick(content_type="application/rss+xml; charset=utf-16")
def utf8_sent_as_utf16(_: int) -> bytes:
    return LETTERS.encode()


@trick(500_000)
def idna_codec(count: int) -> bytes:
    return _declared("idna", rss(item(f"<title>{'xn--a.' * count}</title>"))).encode()


@trick(1_000_000)
def punycode_codec(count: int) -> bytes:
    return _declared("punycode", rss(item(f"<title>{'a' * count}-{'9' * count}</title>"))).encode()


@trick(100_000)
def unicode_escape_codec(count: int) -> bytes:
    return _declared("unicode_escape", rss(item(f"<title>{chr(92)}ud800{chr(92) * count}</title>"))).encode()


@trick()
def codec_that_is_no_charset(_: int) -> bytes:
    return _declared("zip", LETTERS).encode()


@trick(5_000_000)
def endless_charset_name(size: int) -> bytes:
    return _declared("x" * size, LETTERS).encode()


@trick(5_000_000, content_type="text/xml; charset=hz")
def slow_multibyte_codec(size: int) -> bytes:
    return rss(item(f"<title>{'~{' * (size // 2)}</title>")).encode()


@trick()
def several_byte_order_marks(_: int) -> bytes:
    return b"\xef\xbb\xbf" * 3 + LETTERS.encode()


@trick()
def byte_order_mark_of_another_encoding(_: int) -> bytes:
    return b"\xff\xfe" + LETTERS.encode()


@trick(500_000)
def damaged_utf8(count: int) -> bytes:
    return rss(item("<title>東京@</title>")).encode().replace(b"@", b"\xe6\x9d" * count)
