"""The two hidden fields of every form that writes: whose session it is, and the id of the command.

A fragment that is pushed to many viewers has no session: there, neither is written, and the page's
script adds both. Knows no single form.
"""

from uuid import uuid4

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def form_tokens(context: Context) -> SafeString | str:
    """The CSRF token and a fresh command id, where the page is rendered for one viewer."""
    token = context.get("csrf_token")
    if not token:
        return ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="command_id" value="{}">',
        token,
        uuid4(),
    )


@register.simple_tag
def fresh_id() -> str:
    """The id of a form that is no command: putting the same thing into a basket once."""
    return str(uuid4())
