"""A fuzzer that reads the API's document: no defect, and nothing that the document does not say.

`BARSTUCKS_SCHEMA_EXAMPLES` is how many requests are made up for each operation.
"""

import os
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from barstucks_site.api_pages import whole_document
from tests.api.conftest import Program
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.stocked_shop import put_back, stocked_shop

pytestmark = [
    pytest.mark.django_db(databases=["default", "read_models"], transaction=True),
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="puts SQLite databases back"),
    pytest.mark.slow,
    pytest.mark.timeout(400),
]

EXAMPLES = int(os.environ.get("BARSTUCKS_SCHEMA_EXAMPLES", "25"))

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)

ORDER = "{order}"


def test_nothing_that_the_document_allows_or_forbids_breaks_the_api(
    own_eventstore: RunningEventstore,
) -> None:
    with stocked_shop(own_eventstore.uri) as shop, put_back():
        token = Program("manager").token
        described = deepcopy(whole_document())
        for methods in described["paths"].values():
            for operation in methods.values():
                operation.pop("security", None)  # each request has the token
        schema: Any = schemathesis.openapi.from_dict(described)
        schema.app = WSGIHandler()
        orders = [order.hex for order in shop.orders] + [link.split("/")[2] for link in shop.links]
        for found in schema.get_all_operations():
            operation = found.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                fuzz(operation, mode, token, orders)
            shop.project()


def fuzz(operation: Any, mode: GenerationMode, token: str, orders: list[str]) -> None:
    """Send what is made up for one operation, half of it about orders that there are."""
    sent = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        if ORDER in operation.path and sent % 2 and mode is GenerationMode.POSITIVE:
            case.path_parameters["order"] = orders[sent % len(orders)]
        headers = {"Authorization": f"Bearer {token}"}
        checks = CHECKS if mode is GenerationMode.POSITIVE else (*CHECKS, negative_data_rejection)
        case.call_and_validate(headers=headers, checks=checks)

    try:
        send()
    except Unsatisfiable:  # nothing can be wrong with a request that has nothing in it
        assert mode is GenerationMode.NEGATIVE
