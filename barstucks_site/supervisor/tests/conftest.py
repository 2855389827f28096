"""Fixtures of the supervisor's tests."""

import pytest

from barstucks_site.supervisor.tests.small_children import Reports


@pytest.fixture
def reports() -> Reports:
    return Reports()
