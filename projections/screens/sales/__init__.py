"""The sales screen: what a day brought, in figures and bars."""

from django.template.loader import render_to_string
from django.utils import timezone

from projections.screen import Fragment, Room, Screen
from projections.screens.sales.figures import NAME, PROJECTION
from projections.screens.sales.report import report_of_day


def _snapshot(_key: str, _room: Room) -> list[Fragment]:
    report = report_of_day(timezone.localdate())
    return [Fragment("sales", render_to_string("manage/_sales.html", report))]


SCREEN = Screen(
    view=NAME,
    permission="see_sales",
    projection=PROJECTION,
    snapshot=_snapshot,
    pause=1.0,
    page="sales",
    title="Sales",
)
