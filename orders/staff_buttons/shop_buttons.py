"""The bar's and the manager's buttons about the shop as a whole: its pace, and its settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from msgspec import Meta

from orders.domain.command import Command, Envelope
from orders.domain.limits import whole_number
from orders.domain.refused import Refused
from orders.domain.shop_settings import SETTINGS, ChooseSetting, Setting, Value, text_of
from orders.domain.stock import EXTRA_MINUTES, PauseWebOrders, SlowDown, UsualPace
from orders.forms import plain_text
from orders.requests import envelope_of
from orders.responses import done_response, problem_of
from orders.shop_state import shop_in_the_log, tell_the_shop
from orders.staff_buttons.fields import Fields
from staff.names import actor_of
from staff.permissions import allowed, wants_json

SLOW_MINUTES = 30
PAUSE_MINUTES = 10

Form = Mapping[str, str]


def _slow_down(envelope: Envelope, form: Form) -> SlowDown:
    extra = whole_number(form.get("extra"), digits=2) or 0
    return SlowDown(**envelope, extra_minutes=extra, minutes=SLOW_MINUTES)


class ForSlowing(Fields, frozen=True):
    """By how many minutes every promise is later."""

    extra: Annotated[int, Meta(examples=[5], extra_json_schema={"enum": list(EXTRA_MINUTES)})]


@dataclass(frozen=True)
class PaceButton:
    """The command made of an envelope and the button's form, whose fields `takes` says."""

    command: Callable[[Envelope, Form], Command]
    takes: type[Fields] = Fields


PACE: Mapping[str, PaceButton] = {
    "slow": PaceButton(_slow_down, ForSlowing),
    "pause": PaceButton(lambda e, _: PauseWebOrders(**e, minutes=PAUSE_MINUTES)),
    "usual": PaceButton(lambda e, _: UsualPace(**e)),
}
"""The last part of the button's address, and the button."""


@require_POST
@allowed("prepare")
def pace(request: HttpRequest, action: str) -> HttpResponse:
    """How much the bar takes on, for a while."""
    button = PACE.get(action)
    if button is None:
        raise Http404
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    done = tell_the_shop(button.command(envelope, request.POST.dict()))
    return done_response(request, done, reverse("bar"))


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A setting as the page shows it. `typed` is what was sent and not taken: `error` says why."""

    name: str
    setting: Setting
    value: Value
    seen: str  # what is chosen, as the facts say it
    typed: str = ""
    error: str = ""
    is_chosen: bool = False  # just now, by whoever reads this

    @property
    def is_yes_or_no(self) -> bool:
        """Whether there are two choices."""
        return isinstance(self.value, bool)

    @property
    def is_words(self) -> bool:
        """Whether it is a list of words."""
        return isinstance(self.value, tuple)

    @property
    def text(self) -> str:
        """The value, as the form sends it."""
        return self.typed if self.error else text_of(self.value)


@require_safe
@never_cache
@allowed("choose_settings")
def settings_page(request: HttpRequest) -> HttpResponse:
    """Every setting with what is chosen now. What was chosen when, the facts say."""
    chosen = request.GET.get("chosen", "")
    return _settings(request, lambda shown: replace(shown, is_chosen=shown.name == chosen))


@require_POST
@never_cache
@allowed("choose_settings")
def choose_setting(request: HttpRequest, name: str) -> HttpResponse:
    """Have something be so from now on. What is refused stays in its field."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    typed, seen = request.POST.get("value", "").strip(), request.POST.get("seen")
    value = "\n".join(map(plain_text, typed.splitlines()))
    try:
        done = tell_the_shop(ChooseSetting(**envelope, setting=name, value=value, seen=seen))
    except Refused as refusal:
        problem = problem_of(refusal)
        if wants_json(request) or name not in SETTINGS or problem is None:
            raise
        error = problem.detail
        return _settings(
            request,
            lambda shown: replace(shown, typed=typed, error=error) if shown.name == name else shown,
            status=problem.status,
        )
    return done_response(request, done, f"{reverse('settings')}?chosen={name}#setting-{name}")


def _settings(
    request: HttpRequest, as_shown: Callable[[Shown], Shown], *, status: int = 200
) -> HttpResponse:
    """The page; `as_shown` adds to a setting what has just become of it."""
    shop = shop_in_the_log()
    shown = [
        as_shown(
            Shown(
                name=name,
                setting=setting,
                value=shop.setting(name),
                seen=shop.chosen.get(name, text_of(setting.usual)),
            )
        )
        for name, setting in SETTINGS.items()
    ]
    context = {"shown": shown, "here": "settings"}
    return render(request, "manage/settings.html", context, status=status)
