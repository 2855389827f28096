"""What runs out in a test, and comes back."""

from orders.domain.events import StockKind
from orders.domain.shop_settings import ChooseSetting
from orders.domain.stock import Restock, SellOut
from orders.shop_state import tell_the_shop
from orders.tests.shop_cast import envelope


def sell_out(slug: str, kind: StockKind = StockKind.ITEM) -> None:
    """There is no more of it, until it is restocked."""
    tell_the_shop(SellOut(**envelope(), kind=kind, slug=slug, for_minutes=0))


def sell_out_for(slug: str, minutes: int) -> None:
    """There is no more of an item for so many minutes from noon."""
    kind = StockKind.ITEM
    tell_the_shop(SellOut(**envelope(), kind=kind, slug=slug, for_minutes=minutes))


def restock(slug: str, kind: StockKind = StockKind.ITEM) -> None:
    """There is some of it again."""
    tell_the_shop(Restock(**envelope(), kind=kind, slug=slug))


def choose(setting: str, value: str) -> None:
    """Have something be so in the shop from now on."""
    tell_the_shop(ChooseSetting(**envelope(), setting=setting, value=value))
