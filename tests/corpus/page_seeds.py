"""Small documents to damage: pages as publishers build them and bodies as feeds carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["page", "fragment"]


@dataclass(frozen=True, slots=True)
class Seed:
    """One sound document."""

    kind: Kind
    name: str
    body: bytes


_FIRST = "The ferry between the two islands stood still on Monday after its crew found water in the engine room."
_SECOND = "Nobody was hurt, the harbour master said, and the eighty passengers were taken to the mainland by bus."
_THIRD = "A second ship will take over until the repair is done, which the company expects to last for two weeks."
_STORY = "".join(f"<p>{text}</p>" for text in (_FIRST, _SECOND, _THIRD))

_NEWS = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ferry stands still | The Coast</title>
<meta property="og:title" content="Ferry stands still"><meta property="og:site_name" content="The Coast">
<meta property="article:published_time" content="2024-03-04T08:00:00+01:00"><link rel="canonical" href="/ferry?id=7">
<meta name="description" content="Eighty passengers were taken to the mainland by bus after a fault in the engine.">
<script type="application/ld+json">{{"@context":"https://schema.org","@graph":[{{"@type":"NewsArticle",
"headline":"Ferry stands still","author":[{{"@type":"Person","name":"Ane Holt"}}],"isAccessibleForFree":false,
"datePublished":"2024-03-04T08:00:00+01:00","image":["/f.jpg"],"articleBody":"{_FIRST}\\n{_SECOND}"}}]}}</script>
<style>p > a {{ color: red }}</style></head><body><nav><ul><li><a href="/">Home</a></li></ul></nav>
<article><h1>Ferry stands still</h1><p class="lead">Eighty passengers were taken to the mainland by bus after a fault
in the engine.</p><span>By Ane Holt</span><time itemprop="datePublished" datetime="2024-03-04">4 March 2024</time>
<figure><img src="/f.jpg" alt="The ferry"><figcaption>Photo: Coast</figcaption></figure><div class="article-body">
{_STORY}<h2>What now</h2><ul><li>A bus each hour.</li><li>A refund on request.</li></ul></div>
<div class="article-body">{_STORY.replace("ferry", "boat")}</div></article>
<aside><span>Next Article</span><span>Town hall gets a new roof</span></aside>
<footer>© The Coast</footer></body></html>"""

_TABLES = f"""<html><head><title>Ferry - Coast</title></head><body bgcolor=white><table><tr><td><font size=2>Menu</font>
<td><table><tr><td><b>Ferry stands still</b><br><br>{_FIRST}<br><br>{_SECOND}<br><br>{_THIRD}</table>
<table><tr><th>Day<th>Ships<tr><td>Monday<td>1<tr><td>Tuesday<td>2</table></table></body></html>"""

_LIVE = f"""<html lang=de><head><script type="application/ld+json">[{{"@type":["LiveBlogPosting"],
"headline":"Live: Fähre"}}]</script></head><body><section><h3>10:04</h3><div>{_FIRST}</div><h3>10:20</h3><div>
<blockquote>{_SECOND}</blockquote></div></section><iframe src="https://video.example/1"></iframe>
<noscript><img src=x.gif width=1 height=1></noscript>
</body></html>"""

_XHTML = f"""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr"><head><title>Le ferry</title></head><body><script>//<![CDATA[
document.write("<p>no</p>") //]]></script><div id="content"><h1>Le ferry</h1>{_STORY}<p>par Ane Holt<br/></p>
</div></body></html>"""

_MARKED_UP = f"""<html><body itemscope itemtype="https://schema.org/Article"><header><h1 itemprop="headline">Ferry</h1>
</header><main><p itemprop="articleBody">{_FIRST} <a rel="author" href="/a">Ane Holt</a></p><pre>x &lt; y</pre>
<amp-img src=/a.jpg></amp-img><svg><title>t</title></svg><math><mi>x</mi></math><template><p>{_SECOND}</p></template>
<details><summary>More</summary>{_THIRD}</details></main></body></html>"""

_CYRILLIC = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">
<title>Паром стоит</title></head><body>
<div class="post_content"><p>{"Паром между островами стоит с понедельника. " * 5}</p></div></body>
</html>""".encode("cp1251")

PAGES: tuple[Seed, ...] = (
    *(
        Seed("page", name, markup.encode())
        for name, markup in {
            "news": _NEWS, "tables": _TABLES, "live": _LIVE, "xhtml": _XHTML, "marked up": _MARKED_UP,
            "frames": "<html><frameset cols=*,*><frame src=a.html><noframes><p>No.</p></noframes></frameset></html>",
            "nothing": "<html><head><title>Ferry</title></head><body></body></html>", "text": _FIRST, "empty": "",
        }.items()
    ),
    Seed("page", "windows-1251", _CYRILLIC),
)  # fmt: skip

_BLOG = f"""<p><img data-src="/f.jpg" src="data:image/gif;base64,R0lGOD" srcset="/f.jpg 1x, /g.jpg 2x">
{_FIRST}</p><p>{_SECOND} [&#8230;]</p><img src="https://pixel.example/b.gif" width="1" height="1"><p>The post
<a href="https://coast.example/ferry?utm_source=rss">Ferry</a> appeared first on <a href="/">The Coast</a>.</p>"""

_EMBEDS = f"""<p>{_FIRST}</p><blockquote class="twitter-tweet"><p>{_SECOND}</p></blockquote>
<script async src=w.js></script><iframe src="https://www.youtube.com/embed/abc"></iframe>
<video controls><source src=v.mp4></video><div class="sharedaddy"><a href="https://www.facebook.com/sharer.php?u=x">Share</a></div>
<p style="display:none">Hidden.</p><a href="javascript:alert(1)" onclick="x()">Read more</a>
<object data=x></object><form action=/x><input name=a></form>"""

FRAGMENTS: tuple[Seed, ...] = tuple(
    Seed("fragment", name, markup.encode())
    for name, markup in {
        "blog": _BLOG, "embeds": _EMBEDS,
        "escaped": _BLOG.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "code": f"<p>{_FIRST}</p><pre><code>if a &lt; b &amp;&amp; c:\n    &lt;p&gt;</code></pre><p>H<sub>2</sub>O</p>",
        "cdata": f"<![CDATA[<div>{_STORY}</div>]]>",
        "lists": "<ul><li>One<ul><li>Two</ul><li>Three</ul><dl><dt>A<dd>B</dl>",
        "plain": f"{_FIRST}\n\n{_SECOND}", "persian": "<p dir=rtl>می‌خواهم به خانه بروم 👩‍👩‍👧</p>", "empty": "",
    }.items()
)  # fmt: skip
