"""Lockout: a pause after five wrong passwords for an account from an address."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

RIGHT = "a flat white, please"

pytestmark = pytest.mark.django_db


@pytest.fixture
def bao() -> User:
    return User.objects.create_user("bao", password=RIGHT)


def log_in(password: str, *, name: str = "bao", address: str = "203.0.113.5") -> HttpResponse:
    form = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/staff/login/", form)  # type: ignore[return-value]


def guess(times: int, *, name: str = "bao", address: str = "203.0.113.5") -> list[int]:
    return [log_in("wrong", name=name, address=address).status_code for _ in range(times)]


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(bao: User) -> None:
    guess(5)

    response = log_in(RIGHT)

    assert response.status_code == 429
    assert response["Retry-After"] == str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    assert b"wait 5 minutes" in response.content


def test_somebody_elsewhere_is_not_locked_out_with_the_guesser(bao: User) -> None:
    guess(6)

    assert log_in(RIGHT, address="198.51.100.7").status_code == 302


def test_the_name_of_a_failed_login_is_kept_as_a_hash_only(bao: User) -> None:
    guess(2, name="Helen Smith")
    guess(1, name="ｈｅｌｅｎ SMITH")

    rows = [
        *AccessAttempt.objects.values_list("username", "post_data", "get_data"),
        *AccessFailureLog.objects.values_list("username", "path_info"),
    ]
    (attempt,) = AccessAttempt.objects.all()

    assert "helen" not in str(rows).casefold()
    assert len(attempt.username or "") == 64
    assert attempt.failures_since_start == 3


def test_an_account_that_does_not_exist_is_answered_just_the_same(bao: User) -> None:
    assert guess(6, name="nobody") == guess(6)


def test_a_right_password_resets_the_count(bao: User) -> None:
    guess(4)
    log_in(RIGHT)

    assert 429 not in guess(4)


def test_who_goes_on_guessing_does_not_lock_the_account_for_good(bao: User) -> None:
    guess(5)
    attempt = AccessAttempt.objects.get()
    almost = settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - almost)
    assert guess(3) == [429] * 3

    over = settings.AXES_COOLOFF_TIME + timedelta(seconds=1)
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - over)
    assert log_in(RIGHT).status_code == 302


def test_guessing_during_the_pause_does_not_make_it_longer(bao: User) -> None:
    guess(5)
    before = AccessAttempt.objects.get().attempt_time

    guess(3)

    assert AccessAttempt.objects.get().attempt_time == before
