"""The addresses that take commands, by screen. Pages that read: `projections/urls.py`.

Those of programs: `orders/api/operations.py`.
"""

from django.urls import URLPattern, URLResolver, path

from orders.checkout import changing, counter
from orders.checkout import views as checkout
from orders.customers import views as customers
from orders.menu import views as menu
from orders.payments import views as payments
from orders.staff_buttons import reactor_watch, shop_buttons
from orders.staff_buttons.closing import close_bar
from orders.staff_buttons.press import press
from orders.staff_buttons.selection import cancel_selection

# --- the customer ------------------------------------------------------------------------------

CUSTOMER: list[URLPattern | URLResolver] = [
    path("", menu.menu_page, name="menu"),
    path("menu/<slug:slug>/", menu.item_page, name="item"),
    path("basket/", checkout.basket_page, name="basket"),
    path("basket/usual/", checkout.order_my_usual, name="order_my_usual"),
    path("basket/<int:n>/quantity/", checkout.change_quantity, name="basket_quantity"),
    path("basket/<int:n>/remove/", checkout.remove_line, name="basket_remove"),
    path("orders/", checkout.place_order, name="place_order"),
    path("o/<str:token>/change/", changing.change_page, name="change_order"),
    path("o/<str:token>/change/add/", changing.change_add, name="change_add"),
    path("o/<str:token>/change/item/<slug:slug>/", changing.change_item, name="change_item"),
    path(
        "o/<str:token>/change/<int:n>/quantity/", changing.change_quantity, name="change_quantity"
    ),
    path("o/<str:token>/change/<int:n>/remove/", changing.remove_line, name="change_remove"),
    path("o/<str:token>/cancel/", checkout.cancel_order, name="cancel_order"),
    path("o/<str:token>/here/", checkout.say_here, name="say_here"),
    path("o/<str:token>/got-it/", checkout.got_it, name="got_it"),
    path("o/<str:token>/stop/", checkout.ask_to_stop, name="ask_to_stop"),
    path("o/<str:token>/pay/", payments.pay_order, name="pay_order"),
    path("register/", customers.register_page, name="register"),
    path("me/forget/", customers.forget_me, name="forget_me"),
    path("me/<str:token>/", customers.this_device, name="this_device"),
]

# --- the bar -----------------------------------------------------------------------------------

BAR: list[URLPattern | URLResolver] = [
    path("bar/sold-out/", menu.sold_out_page, name="sold_out_page"),
    path("bar/sold-out/now/", menu.sold_out_now, name="sold_out_now"),
    path("bar/about/<slug:slug>/", menu.about_item, name="about_item"),
    path("bar/sold-out/item/<slug:slug>/", menu.sold_out, {"kind": "item"}, name="sold_out"),
    path(
        "bar/sold-out/option/<slug:slug>/",
        menu.sold_out,
        {"kind": "option"},
        name="option_sold_out",
    ),
    path("bar/close/orders/", close_bar, name="close_bar"),
    path("bar/pace/<slug:action>/", shop_buttons.pace, name="bar_pace_action"),
    path("bar/<str:order>/<slug:action>/", press, {"screen": "bar"}, name="bar_action"),
]

# --- the till ----------------------------------------------------------------------------------

TILL: list[URLPattern | URLResolver] = [
    path("till/new/", counter.counter, name="counter"),
    path("till/new/add/", counter.counter_add, name="counter_add"),
    path("till/new/order/", counter.counter_place, name="counter_place"),
    path("till/new/item/<slug:slug>/", counter.counter_item, name="counter_item"),
    path("till/new/line/<int:n>/", counter.counter_quantity, name="counter_quantity"),
    path("till/reactor/", reactor_watch.till_notice, name="till_reactor"),
    path("till/<str:order>/<slug:action>/", press, {"screen": "till"}, name="till_action"),
]

# --- who runs the shop --------------------------------------------------------------------------

MANAGE: list[URLPattern | URLResolver] = [
    path("manage/settings/", shop_buttons.settings_page, name="settings"),
    path("manage/settings/<slug:name>/", shop_buttons.choose_setting, name="choose_setting"),
    path("manage/reactor/", reactor_watch.manager_section, name="reactor"),
    path(
        "manage/parked-reactions/<int:parked>/<slug:decision>/",
        reactor_watch.decide_parked_reaction,
        name="decide_parked_reaction",
    ),
    path("manage/open/cancel/", cancel_selection, name="cancel_selection"),
]

urlpatterns = [*CUSTOMER, *BAR, *TILL, *MANAGE]
