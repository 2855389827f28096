"""The tables of the menu, edited in the admin. Not event sourced: orders copy the prices.

Amounts are integer cents.
"""

from django.core.validators import MinValueValidator
from django.db import models

from orders.domain.events import Station
from orders.menu.drawings import drawing_choices

LONGEST_RECIPE = 1000


class Category(models.Model):
    """A heading of the menu."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class OptionGroup(models.Model):
    """The options of one kind: which milk, which extras, how much sugar."""

    class Kind(models.TextChoices):
        """How many options of the group an item takes."""

        ONE = "one", "exactly one"
        EXTRAS = "extras", "any number, each with a quantity"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """One option, in the customer's words and in the bar's."""

    group = models.ForeignKey(OptionGroup, on_delete=models.CASCADE, related_name="options")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    bar_words = models.CharField(
        max_length=40, blank=True, help_text="SUB oat milk, EXTRA cream, NO sugar; empty: as usual"
    )
    price = models.PositiveIntegerField(default=0, help_text="Cents, added for each one")
    allergens = models.CharField(max_length=120, blank=True, help_text="milk, gluten, nuts …")
    most = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of it in one drink"
    )
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class MenuItem(models.Model):
    """Something to drink or to eat."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    bar_name = models.CharField(max_length=24, help_text="Short, as the bar calls it")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    description = models.CharField(max_length=200, blank=True)
    allergens = models.CharField(max_length=120, blank=True, help_text="milk, gluten, nuts …")
    price = models.PositiveIntegerField(
        default=0, help_text="Cents; of an item without sizes (with sizes: see there)"
    )
    option_groups = models.ManyToManyField(OptionGroup, blank=True, related_name="items")
    station = models.CharField(
        max_length=10,
        choices=[(station.value, station.value.capitalize()) for station in Station],
        default=Station.BAR.value,
        help_text="Where it is made.",
    )
    sold_out_before = models.BooleanField(
        default=False, editable=False, help_text="Since before that was a fact."
    )
    drawing = models.CharField(
        max_length=40,
        blank=True,
        choices=drawing_choices,
        help_text="Empty: the item's own, or that of its category.",
    )
    recipe = models.TextField(
        max_length=LONGEST_RECIPE,
        blank=True,
        help_text="For the bar: shots, ml, steps. Plain text, a line for each step.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Size(models.Model):
    """One size of an item, with the item's price in that size."""

    item = models.ForeignKey(MenuItem, on_delete=models.CASCADE, related_name="sizes")
    slug = models.SlugField()
    name = models.CharField(max_length=24)
    price = models.PositiveIntegerField(help_text="Cents", validators=[MinValueValidator(1)])
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "price")
        constraints = (models.UniqueConstraint(fields=("item", "slug"), name="size_once_per_item"),)

    def __str__(self) -> str:
        return f"{self.item} {self.name}"


class MenuVersion(models.Model):
    """One row that grows with every change of the menu: readers keep it until then."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
