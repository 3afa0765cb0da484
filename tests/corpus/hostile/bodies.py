"""Bodies that are no feeds at all, or mostly something else."""

from __future__ import annotations

import gzip
import io
import zipfile

from wiredesk.models import PayloadReason

from tests.corpus.hostile.trick import item, rss, trick


@trick(outcome=PayloadReason.HTML_NOT_FEED)
def html_error_page(_: int) -> bytes:
    return b"<!DOCTYPE html><html><head><title>503 Backend fetch failed</title></head><body></body></html>"


@trick(outcome=PayloadReason.HTML_NOT_FEED)
def html_behind_an_xml_declaration(_: int) -> bytes:
    return b"<?xml version='1.0'?><!-- <rss> --><html xmlns='http://www.w3.org/1999/xhtml'><rss><item/></rss></html>"


@trick(outcome=PayloadReason.NOT_A_FEED)
def gzip_of_a_feed(_: int) -> bytes:
    return gzip.compress(rss().encode(), mtime=0)


@trick(10_000_000, outcome=PayloadReason.NOT_A_FEED)
def gzip_bomb(size: int) -> bytes:
    return gzip.compress(b"\0" * size * 10, mtime=0)


@trick(outcome=PayloadReason.NOT_A_FEED)
def zip_of_a_feed(_: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("feed.xml", rss())
    return file.getvalue()


@trick(outcome=PayloadReason.NOT_A_FEED)
def png(_: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4


@trick(outcome=PayloadReason.EMPTY)
def empty(_: int) -> bytes:
    return b""


@trick(outcome=PayloadReason.EMPTY)
def white_space_only(_: int) -> bytes:
    return b" \t\r\n" * 10


@trick(10_000_000, outcome=PayloadReason.EMPTY)
def ten_megabytes_of_spaces(size: int) -> bytes:
    return b" " * size


@trick(10_000_000)
def ten_megabytes_of_newlines_before_a_feed(size: int) -> bytes:
    return b"\n" * size + rss().encode()


@trick(10_000_000, 1_000_000, outcome=PayloadReason.NOT_A_FEED)
def ten_megabytes_of_angles(size: int) -> bytes:
    return b"<" * size


@trick(10_000_000, 1_000_000, outcome=PayloadReason.NOT_A_FEED)
def ten_megabytes_of_ampersands(size: int) -> bytes:
    return b"&" * size


@trick(10_000_000, 1_000_000, outcome=PayloadReason.NOT_A_FEED)
def ten_megabytes_of_high_bytes(size: int) -> bytes:
    return b"\xff" * size


@trick(10_000_000, 1_000_000)
def ten_megabytes_of_angles_in_a_feed(size: int) -> bytes:
    return rss(item(f"<title>x</title><description>{'<' * size}</description>")).encode()


@trick(10_000_000, 1_000_000)
def ten_megabytes_of_newlines_in_a_feed(size: int) -> bytes:
    newline = "\n"
    return rss(item(f"<title>x</title>{newline * size}")).encode()
