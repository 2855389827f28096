"""Where the pages that take a wish live, by screen. Pages that read: `projections/urls.py`."""

from django.urls import URLPattern, URLResolver, path

from orders import api
from orders.views import bar as bar_views
from orders.views import basket, counter, customer, menu, ordering, paying
from orders.views import till as till_views

# --- the customer ------------------------------------------------------------------------------

CUSTOMER: list[URLPattern | URLResolver] = [
    path("", menu.menu_page, name="menu"),
    path("menu/<slug:slug>/", menu.item_page, name="item"),
    path("basket/", basket.basket_page, name="basket"),
    path("basket/<int:n>/quantity/", basket.change_quantity, name="basket_quantity"),
    path("basket/<int:n>/remove/", basket.remove_line, name="basket_remove"),
    path("orders/", ordering.place_order, name="place_order"),
    path("o/<str:token>/cancel/", ordering.cancel_order, name="cancel_order"),
    path("o/<str:token>/pay/", paying.pay_order, name="pay_order"),
    path("register/", customer.register_page, name="register"),
    path("me/forget/", customer.forget_me, name="forget_me"),
    path("me/<str:token>/", customer.this_device, name="this_device"),
]

# --- programs ----------------------------------------------------------------------------------

API: list[URLPattern | URLResolver] = [
    path("api/orders/", api.orders, name="api_orders"),
]

# --- the bar -----------------------------------------------------------------------------------

BAR: list[URLPattern | URLResolver] = [
    path("bar/sold-out/", bar_views.sold_out_page, name="sold_out_page"),
    path("bar/sold-out/<slug:slug>/", bar_views.sold_out, name="sold_out"),
    path("bar/<str:order>/<slug:action>/", bar_views.bar_action, name="bar_action"),
]

# --- the till ----------------------------------------------------------------------------------

TILL: list[URLPattern | URLResolver] = [
    path("till/new/", counter.counter, name="counter"),
    path("till/new/add/", counter.counter_add, name="counter_add"),
    path("till/new/order/", counter.counter_place, name="counter_place"),
    path("till/new/item/<slug:slug>/", counter.counter_item, name="counter_item"),
    path("till/new/line/<int:n>/", counter.counter_quantity, name="counter_quantity"),
    path("till/<str:order>/<slug:action>/", till_views.till_action, name="till_action"),
]

urlpatterns = [*CUSTOMER, *API, *BAR, *TILL]
