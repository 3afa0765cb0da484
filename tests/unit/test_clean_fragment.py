"""Feed fragments: text as a reader would see it, HTML that is safe to show, and a count of what was cut."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from wiredesk.clean.fragment import clean_fragment
from wiredesk.clean.limits import MAX_FRAGMENT_CHARS
from wiredesk.clean.text import words
from wiredesk.errors import EntryRejected
from wiredesk.models import EntryReason

BASE = "https://paper.example/2024/story"
XSS = Path(__file__).parents[3] / "shared" / "data" / "extract" / "xss_dev.json"


def text_of(html: str) -> str:
    return clean_fragment(html, base_url=BASE).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n line.</p><p>Two <b>bold</b>words.</p>", "One line.\n\nTwo boldwords."),
        ("<div>One<div>Two</div>three</div>", "One\n\nTwo\n\nthree"),
        ("One<br>Two<br/><br/>Three", "One\n\nTwo\n\nThree"),
        ("<ul><li>One</li><li>Two<ul><li>Three</li></ul></li></ul>", "One\n\nTwo\n\nThree"),
        ("<h2>Head</h2>tail &amp; more", "Head\n\ntail & more"),
        ("<table><tr><th>Team</th><th>Goals</th></tr><tr><td>Nor</td><td>3</td></table>", "Team | Goals\n\nNor | 3"),
        ("<table><tr><td><p>A column.</p></td><td><p>Another.</p></td></tr></table>", "A column.\n\nAnother."),
        ("<table><tr>Stray<td>One</td></tr></table><table><tr>Bare</tr></table>", "Stray\n\nOne\n\nBare"),
        ("<p>Soft\u00adhyphen, zero\u200bwidth, no\u00a0break,\u2009thin.", "Softhyphen, zerowidth, no break, thin."),
        ("<p>cafe\u0301</p>", "café"),
        ("<p>می\u200cخواهم 👩\u200d🚒</p>", "می\u200cخواهم 👩\u200d🚒"),
        ("<p>x\u200cy\u200dz</p>", "xyz"),
        ("<p>It\x92s \x93quoted\x94 &#146;</p>", "It’s “quoted” ’"),
        ("<p>a\x00b &#0; &#xD800; \ud800 c</p>", None),
        ("A first line.\n\nA second, 5 < 6 & so on.", "A first line.\n\nA second, 5 < 6 & so on."),
        ("http://example.com/only-an-address", "http://example.com/only-an-address"),
        ("<?xml version='1.0'?><p>Declared.</p>", "Declared."),
        ("<p><![CDATA[Nested data.]]></p>", "Nested data."),
        ("", ""),
        ("<!-- only a comment -->", ""),
    ],
)  # fmt: skip
def test_text_has_the_paragraphs_that_a_browser_would_show(html: str, text: str | None) -> None:
    found = text_of(html)
    assert text is None or found == text
    assert "\x00" not in found
    found.encode("utf-8")  # no lone surrogate


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("&lt;p&gt;Once &amp;amp; for all.&lt;/p&gt;", "Once & for all."),
        ("&amp;lt;p&amp;gt;Twice.&amp;lt;/p&amp;gt;", "Twice."),
        ("Words, then &lt;a href=&quot;/x&quot;&gt;a link&lt;/a&gt;.", "Words, then a link."),
        ("<p>Don&amp;#8217;t&amp;nbsp;wait.</p>", "Don’t wait."),
        ("<p>Write &lt;p&gt; to begin, &lt;/p&gt; to end.</p>", "Write <p> to begin, </p> to end."),
        ("The tag &lt;b&gt; is old.", "The tag <b> is old."),
        ("<p>See:</p><code>&lt;p&gt;&amp;amp;lt;&lt;/p&gt;</code>", "See:\n\n<p>&amp;lt;</p>"),
        ("<p>&amp;lt;script&amp;gt; stays text.</p>", "&lt;script&gt; stays text."),
    ],
)
def test_markup_escaped_too_often_is_read_but_never_inside_code(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "page"),
    [
        ("<iframe src='//www.youtube-nocookie.com/embed/dQw4w9?rel=0'>old</iframe>", "www.youtube.com/watch?v=dQw4w9"),
        ("<iframe data-src='https://player.vimeo.com/video/76979871'></iframe>", "vimeo.com/76979871"),
        ("<object><param value='https://www.youtube.com/v/dQw4w9'>x</object>", "www.youtube.com/watch?v=dQw4w9"),
        ("<iframe src='//w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b'></iframe>", "soundcloud.com/a/b"),
        ("<iframe src='https://datawrapper.dwcdn.net/AbCd1/3/'></iframe>", "datawrapper.dwcdn.net/AbCd1/"),
    ],
)  # fmt: skip
def test_an_embed_with_a_page_becomes_a_link_to_it_and_no_text(html: str, page: str) -> None:
    found = clean_fragment(f"<p>Before.</p>{html}<p>Behind. […]</p>", base_url=BASE)
    assert f'<a href="https://{page}"' in found.html
    assert (found.text, found.flags) == ("Before.\n\nBehind.", ("truncated",))
    assert found.removed["embed_linked"] == 1


def test_a_publishers_own_mark_hides_no_text() -> None:
    assert text_of("<p data-embed='https://a.example/'>Shown.</p>") == "Shown."


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("<p>Itâ€™s a dÃ©jÃ\xa0 vu.</p>", "It’s a déjà vu."),
        ("<p>NÃO É ÂMBAR: São João à praia.</p>", "NÃO É ÂMBAR: São João à praia."),
        ("<p>5 â‚¬ for “naïve” 中文</p>", "5 € for “naïve” 中文"),
    ],
)
def test_mojibake_is_read_again_where_it_is_seen_and_only_there(seen: str, meant: str) -> None:
    assert text_of(seen) == meant


def test_a_lazy_picture_takes_the_address_of_its_first_source() -> None:
    html = (
        "<picture><source data-srcset='/s.webp 480w, /l.webp 1200w'><source srcset='/s.jpg'>"
        "<img src='data:image/gif;base64,R0lGOD' alt='Quay'></picture>"
    )
    assert clean_fragment(html, base_url=BASE).lead_image == "https://paper.example/l.webp"


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<img src='https://paper.example/p.gif' width='1' height='1'>", "beacon"),
        ("<img src='https://stats.wordpress.com/b.gif?x=1'>", "beacon"),
        ("<img src='/photo.jpg' style='width:0px;height:0px'>", "beacon"),
        ("<p hidden>Not shown.</p>", "hidden"),
        ("<div style='display: none'>Not shown.</div>", "hidden"),
        ("<span class='screen-reader-text'>Not shown.</span>", "hidden"),
        ("<a href='https://www.facebook.com/sharer/sharer.php?u=x'>Facebook</a>", "share_link"),
        ("<a href='https://twitter.com/intent/tweet?text=x'>Tweet</a>", "share_link"),
        ("<div class='sharedaddy'><h3>Share this:</h3></div>", "share_bar"),
        ("<script>alert(1)</script>", "active"),
        ("<iframe src='https://video.example/1'></iframe>", "embed"),
        ("<p>The post <a href='/a'>Title</a> appeared first on <a href='/'>Paper</a>.</p>", "appeared_first"),
        ("<p>Der Beitrag Hafen öffnet erschien zuerst auf Küstenblatt.</p>", "appeared_first"),
        ("<p>L’article Le port est apparu en premier sur La Côte.</p>", "appeared_first"),
        ("<p>La entrada El puerto se publicó primero en La Costa.</p>", "appeared_first"),
        ("<p>O post O porto apareceu primeiro em A Costa.</p>", "appeared_first"),
        ("<p>L'articolo Il porto proviene da La Costa.</p>", "appeared_first"),
        ("<p>Сообщение Порт открыт появились сначала на Берег.</p>", "appeared_first"),
        ("<p><a href='/a'>Continue reading</a></p>", "continue_reading"),
        ("<p><a href='/a'>Weiterlesen →</a></p>", "continue_reading"),
        ("<br/>Read more", "continue_reading"),
    ],
)
def test_residue_of_feeds_is_cut_and_counted(html: str, kind: str) -> None:
    fragment = clean_fragment(f"<p>The harbour has reopened.</p>{html}", base_url=BASE)
    assert fragment.text == "The harbour has reopened."
    assert fragment.html == "<p>The harbour has reopened.</p>"
    assert fragment.removed == {kind: 1}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>The harbour has […]</p>", "The harbour has"),
        ("<p>The harbour has [&#8230;] <a href='/a'>Continue reading The harbour</a></p>", "The harbour has"),
        ("<p>The harbour has (...)</p>", "The harbour has"),
        ("<p>The harbour has <a href='/a'>[...]</a></p>", "The harbour has"),
        ("<p>The harbour has…</p>", "The harbour has…"),
        ("The harbour. <a href='/a'>Lire la suite</a>", "The harbour."),
    ],
)
def test_cut_excerpt_is_flagged_truncated(html: str, text: str) -> None:
    fragment = clean_fragment(html, base_url=BASE)
    assert (fragment.text, fragment.flags) == (text, ("truncated",))


@pytest.mark.parametrize(
    "html",
    [
        "<p>The post was first on the hill, and appeared on no map.</p>",
        "<p>“Continue reading,” she said.</p>",
        "<p>He asked them to read more books, and they did.</p>",
        "<p>Share prices fell. <a href='https://twitter.com/mayor/status/1'>The mayor wrote</a> nothing.</p>",
        "<p>The post office appeared first on the list of buildings to go.</p><p>It stayed.</p>",
    ],
)
def test_sentences_that_only_resemble_residue_stay_whole(html: str) -> None:
    fragment = clean_fragment(html, base_url=BASE)
    assert fragment.flags == ()
    assert fragment.removed == {}
    assert fragment.text.replace("\n\n", "") == re.sub("<[^>]+>", "", html)


def test_lazy_images_get_their_address_and_lead_image_is_no_icon() -> None:
    fragment = clean_fragment(
        "<img src='https://s.example/smile.png' width='16' height='16'>"
        "<img src='data:image/gif;base64,R0' data-src='/photos/quay.jpg?utm_source=rss' width='800'>"
        "<noscript><img src='/photos/quay.jpg?utm_source=rss'></noscript>"
        "<img src='/blank.gif' srcset='/small.jpg 480w, /large.jpg 1200w'><p>Text.</p>",
        base_url=BASE,
    )
    assert fragment.lead_image == "https://paper.example/photos/quay.jpg"
    assert fragment.html.count("quay.jpg") == 1
    assert "https://paper.example/large.jpg" in fragment.html
    assert "data:" not in fragment.html


def test_addresses_become_absolute_and_lose_tracking() -> None:
    fragment = clean_fragment(
        "<p><a href='../b?id=7&amp;utm_source=rss'>b</a> <a href='javascript:alert(1)'>j</a> <a href='#n'>n</a></p>",
        base_url=BASE,
    )
    assert 'href="https://paper.example/b?id=7"' in fragment.html
    assert "javascript" not in fragment.html
    assert fragment.removed == {"tracking_parameter": 1}


def test_without_a_base_relative_addresses_are_dropped_not_guessed() -> None:
    fragment = clean_fragment("<p><a href='/b'>b</a><img src='c.jpg'></p>", base_url=None)
    assert "href" not in fragment.html
    assert fragment.lead_image is None


@pytest.mark.parametrize(
    "html",
    [
        "x" * (MAX_FRAGMENT_CHARS + 1),
        "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">x</p>",
        "<div>" * 10_000 + "deep" + "</div>" * 10_000,
        "<b>" * 200_000,
        "<table><tr><td>" * 5_000,
        "&amp;" * 200_000,
        "&lt;div&gt;" * 10_000 + "deep",
        "<p>x" * 61_000,
        '<p b="' * 50_000,
    ],
    ids=["size", "attributes", "depth", "unclosed", "tables", "entities", "escaped depth", "tags", "quotes"],
)
def test_hostile_markup_is_rejected_before_a_parser_sees_it(html: str) -> None:
    with pytest.raises(EntryRejected) as caught:
        clean_fragment(html, base_url=BASE)
    assert caught.value.reason is EntryReason.TOO_LARGE


@pytest.mark.parametrize("part", ["<!--", "<script>", "<style", "< ", "<code>", "(…", " ["])
def test_cost_of_unfinished_markup_is_linear(part: str) -> None:
    inner = part * (50_000 if part == "<script>" else 200_000)  # quadratic: many minutes
    text_of(f"<p>x<script>{inner}</script>" if part == "<code>" else f"<p>x{inner}")


@pytest.mark.parametrize("part", ["<p></p>", "<br>", '<a href="https://twitter.com/share?t=1">Tweet</a>', "<!-- -->"])
def test_cost_of_dropping_many_siblings_is_linear(part: str) -> None:
    assert text_of(f"<p>x</p>{part * 29_000}") == "x"  # quadratic: a minute


def test_text_in_nested_tables_is_told_once_and_in_time() -> None:
    assert text_of("<table><tr><td>" * 50 + "<p>One.</p>Two." + "</td></tr></table>" * 50) == "One.\n\nTwo."


def test_long_but_honest_markup_is_cleaned() -> None:
    html = "<p>A line of a long page.<br>" * 2_000 + "<ul>" + "<li>item" * 2_000 + "</ul>"
    assert text_of(html).count("A line of a long page.") == 2_000


class _Inspector(HTMLParser):
    """Notes everything in HTML that could run, load or dress."""

    tags = words(
        "a abbr b blockquote br caption cite code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins "
        "kbd li mark ol p pre q rp rt ruby s samp small span strong sub sup table tbody td tfoot th thead time tr u "
        "ul var wbr"
    )

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.tags:
            self.findings.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "class", "id", "srcdoc", "formaction", "xlink:href"}:
                self.findings.append(f"{tag} {name}")
            if name in {"href", "src", "cite"} and not re.match("https?://", value or ""):
                self.findings.append(f"{tag} {name}={value}")


def executable_parts(html: str) -> list[str]:
    inspector = _Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.findings


@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<a href=' &#1; javascript:alert(1)'>x</a>",
        "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><img src=x onerror=alert(1)></template>",
        "<b style='background:url(javascript:alert(1))' class='fixed' id='login'>x</b>",
        "&lt;img src=x onerror=alert(1)&gt;",
        "&amp;lt;p&amp;gt;&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
        "<p>&amp;#60;script&amp;#62;alert(1)&amp;#60;/script&amp;#62;</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<base href='javascript:/a/'><a href='#'>x</a>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<![CDATA[<script>alert(1)</script>]]>",
    ],
)
def test_nothing_executable_survives(payload: str) -> None:
    assert executable_parts(clean_fragment(payload, base_url=BASE).html) == []


@pytest.mark.skipif(not XSS.is_file(), reason=f"the payloads are not at {XSS}")
def test_nothing_executable_survives_of_thousands_of_payloads() -> None:
    payloads = [payload for _, payload in json.loads(XSS.read_text("utf-8"))]
    assert len(payloads) > 3_000
    unsafe = [p for p in payloads if executable_parts(clean_fragment(p, base_url=BASE).html)]
    assert unsafe == []
