"""Moving CSS from a style sheet into `style` attributes, where Outlook and Gmail read it.

Our own style sheet uses single classes only, and a few lines here do that: the page is the same on every machine, which
the log of sent messages relies on. css-inline (extra `email`) does the style sheets of teams who want more.
"""

from __future__ import annotations

import html
import re

from healthscore.errors import HealthscoreError

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)$")
#: A start tag with a class. Templates escape `<` and `>` in data, so neither occurs inside an attribute.
_TAG = re.compile(r"<[A-Za-z][^<>]*?\sclass=\"([^\"<>]*)\"[^<>]*>")
_STYLE = re.compile(r"\sstyle=\"([^\"]*)\"")


def inline(page: str, css: str) -> str:
    """Return a page whose elements carry the rules of `css` in their `style` attributes.

    Rules in the page's own <style> stay there: they are what cannot be inlined, such as media queries.

    Raises:
        HealthscoreError: `css` has selectors other than classes, and css-inline is not installed.
    """
    try:
        return inline_classes(page, css)
    except HealthscoreError as error:
        try:
            import css_inline  # noqa: PLC0415 (an extra)
        except ImportError:
            raise error from None
    inliner = css_inline.CSSInliner(
        keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False, extra_css=css
    )
    return inliner.inline(page)


def inline_classes(page: str, css: str) -> str:
    """Do it for style sheets of single classes.

    Later rules win over earlier ones, an element's own `style` over all.

    Raises:
        HealthscoreError: a selector is not a single class.
    """
    rules = class_rules(css)

    def with_style(found: re.Match[str]) -> str:
        names = set(html.unescape(found[1]).split())
        declared: dict[str, str] = {}
        for name, declarations in rules:
            if name in names:
                declared |= declarations
        own = _STYLE.search(found[0])
        if own:
            declared |= _declarations(html.unescape(own[1]))
        if not declared:
            return found[0]
        text = html.escape(";".join(f"{name}:{value}" for name, value in declared.items()), quote=True)
        tag = _STYLE.sub("", found[0], count=1)
        end = "/>" if tag.endswith("/>") else ">"
        return f'{tag[: -len(end)].rstrip()} style="{text}"{end}'

    return _TAG.sub(with_style, page)


def class_rules(css: str) -> list[tuple[str, dict[str, str]]]:
    """Return (class, declarations) of a style sheet, in order.

    Raises:
        HealthscoreError: a selector is not a single class.
    """
    rules = []
    for selectors, body in _RULE.findall(_COMMENT.sub("", css)):
        for selector in selectors.split(","):
            found = _CLASS.fullmatch(selector.strip())
            if found is None:
                raise HealthscoreError(
                    f"style.css: {selector.strip()!r} is more than one class, which needs css-inline; "
                    'install it with: pip install "healthscore[email]"'
                )
            rules.append((found[1], _declarations(body)))
    return rules


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in body.split(";"))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}
