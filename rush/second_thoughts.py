"""What customers do with an order's own page after they have ordered.

Each function presses one thing that the page offers, once; `Customer.follow` knows when it does.
"""

from typing import TYPE_CHECKING

from rush.journal import AcknowledgedOrder, Step
from rush.page import Element

if TYPE_CHECKING:
    from rush.customer import Customer


async def cancel(customer: "Customer", order: AcknowledgedOrder) -> None:
    """Call it off."""
    await customer.press_on_page(order, "cancel", Step.CANCELLED)


async def say_here(customer: "Customer", order: AcknowledgedOrder) -> None:
    """Come, and say so: the bar begins."""
    await customer.press_on_page(order, "here", "here")


async def got_it(customer: "Customer", order: AcknowledgedOrder) -> None:
    """Say that it was taken."""
    await customer.press_on_page(order, "got-it", Step.SERVED)


async def ask_to_stop(customer: "Customer", order: AcknowledgedOrder) -> None:
    """Ask; where the bar has given the order back meanwhile, that calls it off at once."""
    response = await customer.press_on_page(order, "stop", Step.ASKED_TO_STOP)
    if response is None:
        return
    page = await customer.browser.open(response.headers["Location"])
    if page.find_all(id="tracking", data_over="yes"):
        customer.journal.did(Step.CANCELLED, order.order, "customer")


async def change(customer: "Customer", order: AcknowledgedOrder) -> None:
    """Open the order as a basket, and send it back with another note."""
    page = await customer.browser.open(f"{order.tracking}change/?start=1")
    forms = [form for form in page.forms() if form.value("seen_total")]
    if not forms:
        customer.journal.refuse("change", "no button")
        return
    path = f"{order.tracking}change/"
    response = await customer.browser.submit(forms[0].sent_to(path), {"note": "with a glass"})
    if response.status_code != 303:
        customer.journal.refuse("change", response.status_code)


def offers(page: Element, action: str) -> bool:
    """Whether the page shows a form for it: those it does not offer just now are hidden."""
    return any(
        form.name == action
        for section in page.find_all("section")
        if "hidden" not in section.attributes
        for form in section.forms()
    )


def check_digits_on(page: Element) -> str:
    """What the customer says when they take the order; "" as long as it is not ready."""
    said = [part for part in page.find_all("p") if part.attributes.get("class") == "check"]
    digits = [str(int(letter)) for letter in said[0].text if letter.isdecimal()] if said else []
    return "".join(digits)
