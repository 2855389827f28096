"""The bar's and the manager's buttons about the shop as a whole: its pace, and its settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from msgspec import Meta

from orders.domain.command import Command, Envelope
from orders.domain.limits import whole_number
from orders.domain.shop_settings import SETTINGS, ChooseSetting, Setting, Value, text_of
from orders.domain.stock import PauseWebOrders, SlowDown, UsualPace
from orders.requests import envelope_of
from orders.responses import done_response
from orders.shop_state import shop_now, tell_the_shop
from orders.staff_buttons.fields import Fields
from staff.names import actor_of
from staff.permissions import allowed

SLOW_MINUTES = 30
PAUSE_MINUTES = 10

Form = Mapping[str, str]


def _slow_down(envelope: Envelope, form: Form) -> SlowDown:
    extra = whole_number(form.get("extra"), digits=2) or 0
    return SlowDown(**envelope, extra_minutes=extra, minutes=SLOW_MINUTES)


class ForSlowing(Fields, frozen=True):
    """By how many minutes every promise is later."""

    extra: Annotated[int, Meta(ge=1, le=99, examples=[5])]


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


@dataclass(frozen=True)
class Shown:
    """A setting as the page shows it."""

    name: str
    setting: Setting
    value: Value

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
        return text_of(self.value)


@require_safe
@never_cache
@allowed("choose_settings")
def settings_page(request: HttpRequest) -> HttpResponse:
    """Every setting with what is chosen now. What was chosen when, the facts say."""
    shop = shop_now()
    shown = [Shown(name, setting, shop.setting(name)) for name, setting in SETTINGS.items()]
    return render(request, "manage/settings.html", {"shown": shown, "here": "settings"})


@require_POST
@allowed("choose_settings")
def choose_setting(request: HttpRequest, name: str) -> HttpResponse:
    """Have something be so from now on."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    command = ChooseSetting(**envelope, setting=name, value=request.POST.get("value", "").strip())
    return done_response(request, tell_the_shop(command), reverse("settings"))
