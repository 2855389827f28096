"""Markup that people type where only text belongs, and whether a page let it through as markup.

Django's escaping leaves none of these as they are, so that a page in which one stands verbatim has
not escaped it; what needs no special character must not become an address or a handler.
"""

from rush.page import read_page

PAYLOADS: tuple[str, ...] = (
    "<script>XSS()</script>",
    "</script><script>XSS()</script>",
    "<ScRiPt>XSS()</sCrIpT>",
    "<script src=//XSS.example></script>",
    "<script>XSS()//",
    "<<script>XSS();//<</script>",
    "<scr<script>ipt>XSS()</script>",
    "<img src=x onerror=XSS()>",
    "<img/src=x/onerror=XSS()>",
    '"><img src=x onerror=XSS()>',
    "'><img src=x onerror=XSS()>",
    '" onmouseover="XSS()',
    "' onmouseover='XSS()",
    '" autofocus onfocus=XSS() x="',
    "' autofocus onfocus=XSS() x='",
    "` onmouseover=XSS()<",
    "<svg onload=XSS()>",
    "<svg><script>XSS()</script></svg>",
    "<svg/onload=XSS()>",
    "<svg><a href=javascript:XSS()>x</a>",
    "<math><a href=javascript:XSS()>x",
    "<body onload=XSS()>",
    "<iframe src=javascript:XSS()></iframe>",
    "<iframe srcdoc='<svg onload=XSS()>'>",
    "<object data=javascript:XSS()>",
    "<embed src=javascript:XSS()>",
    "<a href=javascript:XSS()>latte</a>",
    '<a href="data:text/html,XSS()">x</a>',
    "<form action=javascript:XSS()><button>",
    "<button formaction=javascript:XSS()>",
    "<base href=//XSS.example/>",
    "<meta http-equiv=refresh content=0;XSS>",
    "<link rel=stylesheet href=//XSS.example>",
    "<style>@import'//XSS.example'</style>",
    "<p style=background:url(//XSS)>",
    "<details open ontoggle=XSS()>",
    "<template><script>XSS()</script>",
    "</title><script>XSS()</script>",
    "</textarea><script>XSS()</script>",
    "--><script>XSS()</script><!--",
)
"""Each fits into a name of 40 characters, and holds `XSS`."""

ADDRESSES = ("href", "src", "action", "formaction", "data", "srcdoc", "style", "xlink:href")


def let_through(html: str) -> str:
    """The first payload that a page holds as markup; "" for none."""
    for payload in PAYLOADS:
        if payload in html:
            return payload
    if "XSS" not in html:
        return ""
    for element in read_page(html).walk():
        for name, value in element.attributes.items():
            is_handler = name.startswith("on") or "xss" in name
            if is_handler or (name in ADDRESSES and value.strip().startswith("javascript:")):
                return f"<{element.tag} {name}={value}>"
        if element.tag in {"script", "style"} and "XSS" in "".join(
            child for child in element.children if isinstance(child, str)
        ):
            return f"<{element.tag}> with XSS"
    return ""
