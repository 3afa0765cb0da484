"""URLs: the address that is stored, and apart from it the key by which two addresses are compared.

The key folds what publishers vary for one article (scheme, www, mobile and AMP hosts, tracking parameters,
order of the query, trailing slash) and nothing that tells articles apart: in one outlet's day, dropping whole
queries merged 20 articles into 7. Syntax: RFC 3986, and the WHATWG URL standard where browsers are laxer.
The list of tracking parameters is our own, from what feeds and pages of the news carry.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from wiredesk.clean.text import words

_TRACKING = words(
    "__s __source __twitter_impression _branch_match_id _branch_referrer _ga _gl _hsenc _hsmi _ke _openstat amp_ct "
    "amp_gsa amp_js_v at_bbc_team at_campaign at_campaign_type at_custom1 at_custom2 at_custom3 at_custom4 at_format "
    "at_link_id at_link_origin at_link_type at_medium at_ptr_name at_xt bxid campaign_id cid_source cmpid cmp_id "
    "cndid dclid dicbo dm_i ef_id emailid epik esrc fb_action_ids fb_action_types fb_ref fb_source fbclid ftag "
    "gaa_at gaa_n gaa_sig gaa_ts gbraid gclid gclsrc guccounter guce_referrer guce_referrer_sig hsctatracking icid "
    "igsh igshid iesrc intcid intcmp itm_campaign itm_content itm_medium itm_source ito jsessionid leadsource "
    "maca mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash mod_source msclkid mtm_source ncid ns_campaign ns_fee "
    "ns_linkname ns_mchannel ns_source oicd oly_anon_id oly_enc_id originalreferer partner_ref phpsessid pnespid "
    "quicklink rb_clickid recruiter ref_src ref_url referrer_id rss_id s_cid s_kwcid sc_campaign sc_channel "
    "sc_cid sc_content sc_country sc_geo sc_medium sc_outcome share_id sharetype shorturl_ref smid smtyp "
    "socialflow soc_src soc_trk sref srnd srsltid taid tblci tpcc traffic_source trk trkcampaign ttclid twclid twsrc "
    "ust vero_conv vero_id vgo_ee wbraid wicked_id wickedid wickedsource wt.mc_id wt.nav wt.tsrc wt_mc wt_mc_id "
    "wt_nav wt_zmc wtmc wtrid wt_cc1 wt_cc2 wt_cc3 xtor yclid yptr ysclid zanpid"
)
_TRACKING_PREFIXES = ("utm_", "utm-", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "stm_", "cx_", "wt_mc")
# Names that identify at one publisher and only track at another: out only with a value that is a channel.
_AMBIGUOUS = words(
    "campaign channel cid cmp feature from mod medium mode output_type outputtype partner r ref referer referrer rss "
    "share source src tag traffic via xs"
)
_CHANNELS = words(
    "1 app email facebook fb feed feedburner feeds flipboard google google-news googlenews home homepage linkedin "
    "mail newsletter newsletters push reddit rss rss2 rssfeed rss-feed share sharing social socialmedia t.co "
    "telegram twitter whatsapp x"
)
_AMBIGUOUS_ONE = frozenset({"rss", "share"})  # the only ones for which "1" means nothing but "yes"
_AMP_QUERY = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp"), ("output", "amp")})
_TRACKING_FRAGMENT = re.compile(r"(?:utm_|xtor=|ref=|ftag=|rss|at_|wt_?mc|intcid|link_time|Echobox)", re.IGNORECASE)

_FOLDED_HOST = re.compile(r"(?:www\d?|m|mobile|mobil|amp|wap)\.(?=[^.]+\.[^.])")
_AMP_CACHE = re.compile(r"(?:^|\.)cdn\.ampproject\.org$")
_AMP_WRAPPED = re.compile(r"/(?:[acivr]|amp|wp)/(s/)?(?P<rest>[^/]+\.[^/]+(?:/.*)?)$")
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_REDIRECTORS = words(
    "feedproxy.google.com news.google.com feedburner.com feedsportal.com feedblitz.com feeds.feedblitz.com t.co "
    "bit.ly dlvr.it ow.ly trib.al tinyurl.com lnkd.in buff.ly goo.gl is.gd ift.tt"
)
_REPEATED_SLASH = re.compile("//+")
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_SLUG = re.compile(r"\d|-.*-")  # a path segment that names an article: a number, or words with hyphens
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]|[^\x00-\x7f]")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Path segments that many articles of one site share.
_SECTION_WORDS = words(
    "article articles article1 artikel archive blog business culture default detail features health html index "
    "international local nachrichten news noticia noticias opinion page pages politics politik post posts press "
    "release science section sport sports stories story technology topic video videos view world"
) | {str(year) for year in range(1990, 2100)}

_SECOND_LEVEL = words("ac asn asso co com ed edu gen go gob gouv gov govt gv id mil muni ne net nom or org plc sch")
# Hosts that belong to many publishers at once: one more label tells them apart.
_SHARED_HOSTS = words(
    "blogspot.com wordpress.com tumblr.com medium.com substack.com github.io gitlab.io ghost.io typepad.com "
    "livejournal.com weebly.com wixsite.com netlify.app vercel.app pages.dev blogs.com over-blog.com "
    "amazonaws.com cloudfront.net herokuapp.com firebaseapp.com azurewebsites.net"
)


def absolute_url(url: str | None, base: str | None) -> str | None:
    """The http or https URL that `url` means on a page at `base`, or None where it means no such thing."""
    if not url:
        return None
    text = "".join(url.split("\n")).replace("\t", "").replace("\r", "").strip()  # as browsers read an attribute
    try:
        joined = urljoin(base or "", text)
        parts = urlsplit(joined)
        host = _ascii_host(parts)
        port = parts.port
    except ValueError:  # "http://[": urllib's word for a malformed address
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or host is None:
        return None
    netloc = host if port is None or port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"
    return urlunsplit((scheme, netloc, _escaped(parts.path), _escaped(parts.query), _escaped(parts.fragment)))


def clean_url(url: str) -> str:
    """The form to store: known tracking parameters out, otherwise as given."""
    address, _, fragment = url.partition("#")
    path, mark, query = address.partition("?")
    if mark:
        kept = [pair for pair in query.split("&") if not _is_tracking(pair)]
        address = f"{path}?{'&'.join(kept)}" if kept else path
    return address if not fragment or _TRACKING_FRAGMENT.match(fragment) else f"{address}#{fragment}"


def url_key(url: str | None) -> str | None:
    """One canonical spelling for all addresses of one article, or None if `url` is no http address.

    It is itself a URL, so that `url_key(url_key(u)) == url_key(u)`, but never one to visit or show.
    """
    address = absolute_url(url, None)
    if address is None:
        return None
    parts = urlsplit(_unwrapped(address))
    host = _folded_host(parts.hostname or "")
    port = f":{parts.port}" if parts.port and parts.port not in _DEFAULT_PORTS.values() else ""
    fragment = _normal_escapes(parts.fragment) if parts.fragment.startswith("!") else ""  # "#!": a page of its own
    return urlunsplit(("https", host + port, _folded_path(parts.path), _folded_query(parts.query), fragment))


def registrable_host(url: str | None) -> str | None:
    """The part of the host that one publisher registered, by rule: two labels, three below `co.uk` and its like.

    A rule instead of the Public Suffix List: it decides only whether to trust a page's word about its address,
    and where it errs it says "another publisher" for hosts shared by many.
    """
    address = absolute_url(url, None)
    host = (urlsplit(address).hostname or "").rstrip(".") if address else ""
    if not host or host.startswith("[") or ":" in host or host.replace(".", "").isdigit():
        return host or None
    labels = host.split(".")
    is_deep = len(labels) > 2 and (
        (len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL) or ".".join(labels[-2:]) in _SHARED_HOSTS
    )
    return ".".join(labels[-3:] if is_deep else labels[-2:])


def _ascii_host(parts: SplitResult) -> str | None:
    """Lower-case and, for a name in another script, in its ASCII form (IDNA); None if it is no host."""
    host = (parts.hostname or "").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if ":" in host:
        host = f"[{host}]"
    return host if _HOST.fullmatch(host) and len(host) <= 253 else None  # 253: RFC 1035


def _escaped(part: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0], errors="replace"), part)


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = name.lower(), value.lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    return name in _AMBIGUOUS and value in _CHANNELS and (value != "1" or name in _AMBIGUOUS_ONE)


def _unwrapped(address: str) -> str:
    """The publisher's address inside one of Google's AMP caches or viewers; otherwise as given."""
    while True:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_viewer = host.startswith("www.google.") and parts.path.startswith("/amp/")
        found = _AMP_WRAPPED.match(parts.path) if is_viewer or _AMP_CACHE.search(host) else None
        inner = found and absolute_url(f"https://{found['rest']}?{parts.query}".removesuffix("?"), None)
        if not inner:
            return address
        address = inner


def _folded_host(host: str) -> str:
    host = host.rstrip(".")
    while found := _FOLDED_HOST.match(host):
        host = host[found.end() :]
    return f"[{host}]" if ":" in host else host


def _folded_query(query: str) -> str:
    """Escapes normalised, tracking and AMP parameters out, the rest in one order."""
    pairs = [_normal_escapes(pair) for pair in query.split("&") if pair]
    kept = (pair for pair in pairs if not _is_tracking(pair))
    return "&".join(sorted(pair for pair in kept if tuple(pair.lower().partition("=")[::2]) not in _AMP_QUERY))


def _folded_path(path: str) -> str:
    """Escapes normalised, dot segments, session id, AMP marks and trailing slash out."""
    path = _REPEATED_SLASH.sub("/", _without_dots(_SESSION.sub("", _normal_escapes(path))))
    previous = None
    while path != previous:
        previous = path
        path = _without_amp(_INDEX_PAGE.sub("", path.rstrip("/")))
    return path


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _without_amp(path: str) -> str:
    """`/amp` at either end folds only beside a segment that names an article: /guitars/amp is a subject."""
    segments = path.split("/")
    if len(segments) > 2 and segments[-1].lower() in ("amp", "amp.html", "amp.htm") and _SLUG.search(segments[-2]):
        return "/".join(segments[:-1])
    if len(segments) > 2 and segments[1].lower() == "amp" and _SLUG.search(segments[-1]):
        return "/" + "/".join(segments[2:])
    if _SLUG.search(segments[-1]):
        return re.sub(r"\.amp(?=(?:\.html?)?$)", "", path)
    return path


def _normal_escapes(part: str) -> str:
    """RFC 3986 6.2.2: unreserved characters unescaped, the other escapes in upper case."""

    def one(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return _ESCAPE.sub(one, part)


def is_redirector(url: str) -> bool:
    """Whether an address only leads to a publisher's: a feed proxy or a link shortener."""
    return registrable_host(url) in _REDIRECTORS or (urlsplit(url).hostname or "") in _REDIRECTORS


def names_same_article(canonical: str | None, url: str | None) -> bool:
    """Whether a page's canonical URL may stand for `url`: one publisher, one article.

    Pages are copied with the canonical link of another article, of a section or of the front page in them;
    adopting such a link would merge articles. So it must share a word or number of the path, and keep the query
    where that is all that tells two addresses apart.
    """
    canonical_key, key = url_key(canonical), url_key(url)
    if canonical_key is None or key is None or registrable_host(canonical) != registrable_host(url):
        return False
    if canonical_key == key:
        return True
    named, given = urlsplit(canonical_key), urlsplit(key)
    if named.path == given.path and given.query:
        return False
    return bool(_path_words(named.path) & _path_words(given.path))


def _path_words(path: str) -> frozenset[str]:
    """Words and numbers of the last two segments; four characters and more, as `news` and `2024` are everywhere."""
    tail = unquote(path).lower().split("/")[-2:]
    return frozenset(word for word in re.findall(r"[^\W_]{4,}", " ".join(tail))) - _SECTION_WORDS
