"""A page with all pictures of a folder, so that somebody can look at them."""

from html import escape
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pictures of the shop</title>
<style>
  body {{ margin: 24px; background: #77716b; color: #fff; font: 16px/1.4 system-ui, sans-serif; }}
  main {{ display: grid; gap: 24px; }}
  main {{ grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); }}
  figure {{ margin: 0; }} figcaption {{ padding: 4px 0; }}
  img {{ display: block; width: 100%; max-height: 34rem; object-fit: contain; }}
  img {{ object-position: left top; }}
</style>
<h1>Pictures of the shop</h1>
<main>
{figures}
</main>
</html>
"""
FIGURE = (
    '<figure><a href="{name}.png"><img src="{name}.png" alt="" loading="lazy"></a>'
    "<figcaption>{name}</figcaption></figure>"
)


def write_gallery(into: Path) -> Path:
    """Write `index.html` beside the pictures."""
    names = sorted(picture.stem for picture in into.glob("*.png"))
    page = into / "index.html"
    page.write_text(PAGE.format(figures="\n".join(FIGURE.format(name=escape(n)) for n in names)))
    return page
