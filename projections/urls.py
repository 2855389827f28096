"""The addresses of the pages that read. Those that write stand in `orders/urls.py`."""

from django.urls import URLPattern, URLResolver, path

from projections.views import (
    bar,
    board,
    me,
    open_orders,
    order_page,
    projections_page,
    promises,
    sales,
    streams,
    till,
)

# --- the customer ------------------------------------------------------------------------------

CUSTOMER: list[URLPattern | URLResolver] = [
    path("o/<str:token>/", order_page.order_page, name="order"),
    path("o/<str:token>/wait/", order_page.order_wait, name="order_wait"),
    path("me/", me.me_page, name="me"),
    path("me/export.json", me.me_export, name="me_export"),
]

# --- the staff, and the public board -----------------------------------------------------------

STAFF: list[URLPattern | URLResolver] = [
    path("bar/", bar.bar, name="bar"),
    path("bar/pace/", bar.bar_pace, name="bar_pace"),
    path("till/", till.till, name="till"),
    path("board/", board.board, name="board"),
    path("board/wait/", board.board_wait, name="board_wait"),
    path("bar/place/", bar.place, name="bar_place"),
    path("bar/close/", bar.close, name="bar_close"),
]

# --- who runs the shop --------------------------------------------------------------------------

MANAGE: list[URLPattern | URLResolver] = [
    path("manage/", sales.sales, name="sales"),
    path("manage/promises/", promises.promises, name="promises"),
    path("manage/open/", open_orders.open_orders, name="open_orders"),
    path("manage/projections/", projections_page.projections_page, name="projections"),
    path(
        "manage/parked/<int:parked>/<slug:decision>/",
        projections_page.decide_parked,
        name="decide_parked",
    ),
    path("manage/streams/", streams.streams, name="streams"),
    path("manage/streams/<str:stream>/", streams.stream, name="stream"),
]

urlpatterns = [*CUSTOMER, *STAFF, *MANAGE]
