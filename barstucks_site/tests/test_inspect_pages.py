import pytest
from django.contrib.auth.models import User
from django.test import Client
from projections.admin.tables import *
from django.contrib import admin
from django.urls import reverse
from projections.tests.at_a_screen import member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)


def test_all():
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    shown(log)
    client = member("manager", "Ada")
    page(client, "/inspect/")
    for table in admin.site._registry:
        if table._meta.app_label == "projections":
            url = reverse(f"admin:projections_{table._meta.model_name}_changelist")
            html = page(client, url)
            print(table, table.objects.count(), "Facts" in html)
            for row in table.objects.all()[:1]:
                page(
                    client,
                    reverse(f"admin:projections_{table._meta.model_name}_change", args=(row.pk,)),
                )
            for q in ("?q=1", "?day=2026-05", "?day=2026-05-04", "?state=ready"):
                r = client.get(url + q)
                print(q, r.status_code, r.headers.get("location"))
    open("/tmp/w/inspect_tmp/l.html", "w").write(page(client, "/inspect/projections/queueticket/"))
    for u in ("/inspect/staff/account/", "/inspect/staff/account/add/"):
        page(client, u)
