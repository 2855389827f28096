"""Every setting of the shop, read from the environment; docs/operations.md lists the variables.

There is no DEBUG: an error page never shows a traceback, the log does. What a demo and a real shop
refuse is in `checks.py`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from barstucks_site import log_lines, shop_directory
from barstucks_site.environment import Environment
from barstucks_site.supervisor import run_file
from barstucks_site.telemetry import trace_exporters

BASE_DIR = Path(__file__).resolve().parent.parent
_environment = Environment(os.environ)

# -- Which shop ------------------------------------------------------------------------------
MODE = _environment.choice("BARSTUCKS_MODE", "demo", ("demo", "shop"))
DEMO = MODE == "demo"
# The logins of a demo stand on its login page, so it answers on this machine only, unless told so.
DEMO_OPEN_TO_ALL = _environment.choice("DEMO_OPEN_TO_ALL", "no", ("no", "yes")) == "yes" and DEMO
VAR = _environment.directory("BARSTUCKS_VAR", BASE_DIR / "var")
shop_directory.claim(VAR, MODE)
SECRET_KEY = shop_directory.secret_key(VAR, _environment.text("SECRET_KEY"), demo=DEMO)
SECRET_KEY_FALLBACKS = _environment.words("SECRET_KEY_FALLBACKS")

TIME_ZONE = _environment.time_zone("TIME_ZONE", "Europe/Berlin")
OPEN_WITHOUT_KEYS = _environment.choice("OPEN_WITHOUT_KEYS", "no", ("no", "yes")) == "yes"
CURRENCY = _environment.currency("CURRENCY", "EUR")
SERVING_DESK_NAME = _environment.text("SERVING_DESK_NAME", "the end of the bar")
PAYMENT_GATEWAY = _environment.choice(
    "PAYMENT_GATEWAY", "demo" if DEMO else "none", ("demo", "none")
)
# After so long without a word from the gateway a card payment is called off.
PAYMENT_GIVE_UP_SECONDS = _environment.whole_number("PAYMENT_GIVE_UP_SECONDS", 60, low=1, high=3600)

# -- The log, the databases, the channel layer ------------------------------------------------
EVENTSTORE_URI = _environment.address(
    "EVENTSTORE_URI",
    run_file.running_eventstore(VAR) or "esdb://127.0.0.1:2113?Tls=false",
    ("esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover"),
)
# For `manage.py log_account` only; no process that serves the shop is given it.
EVENTSTORE_ADMIN_PASSWORD = _environment.text("EVENTSTORE_ADMIN_PASSWORD")
EVENTSTORE_IS_OURS = not _environment.text("EVENTSTORE_URI")  # then `serve` brings one along
WEB_PORT = _environment.whole_number("WEB_PORT", 8000, low=0, high=65535)
SUPERVISOR_PORT = _environment.whole_number("SUPERVISOR_PORT", 0, low=0, high=65535)
HANG_SECONDS = _environment.whole_number("HANG_SECONDS", 15, low=2, high=3600)
CRASH_LOOP = _environment.choice("CRASH_LOOP", "retry" if DEMO else "end", ("end", "retry"))
PROXY_HOPS = _environment.whole_number("PROXY_HOPS", 0 if DEMO else 1, low=0, high=5)
LOG_FORMAT = _environment.choice("LOG_FORMAT", "console" if DEMO else "json", ("console", "json"))

# -- Who watches the processes ------------------------------------------------------------------
# Each process that stays tells its figures at a port of its own: see `telemetry/process.py`.
PROCESS = ""
METRICS_PORT = _environment.whole_number("METRICS_PORT", 0, low=0, high=65533)
METRICS_HOST = _environment.text("METRICS_HOST", "127.0.0.1")
METRICS_TOKEN = _environment.text("METRICS_TOKEN")
TRACE_EXPORTERS = trace_exporters.wanted(os.environ)

_DEMO_HOSTS = ("*",) if DEMO_OPEN_TO_ALL else ("localhost", "127.0.0.1", "[::1]")
ALLOWED_HOSTS = _environment.words("ALLOWED_HOSTS", _DEMO_HOSTS if DEMO else ())
TRUSTED_ORIGINS = _environment.origins("TRUSTED_ORIGINS")
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS

# -- What one address, and all together, may ask for --------------------------------------------
LIMITS = {
    "menu": _environment.limit("LIMIT_MENU", "300 then 40/s, in total 600 then 120/s"),
    "orders": _environment.limit("LIMIT_ORDERS", "120 then 2/s, in total 300 then 10/s"),
    "logins": _environment.limit("LIMIT_LOGINS", "20 then 6/min, in total 60 then 15/min"),
    "exports": _environment.limit("LIMIT_EXPORTS", "10 then 6/min, in total 30 then 1/s"),
    "links": _environment.limit("LIMIT_LINKS", "30 then 30/min, in total 300 then 5/s"),
    "tracking": _environment.limit("LIMIT_TRACKING", "60 then 2/s, in total 600 then 120/s"),
    "programs": _environment.limit("LIMIT_PROGRAMS", "300 then 40/s, in total 600 then 120/s"),
    "pages": _environment.limit("LIMIT_PAGES", "300 then 40/s, in total 600 then 120/s"),
}
WAIT_ESTIMATE = "projections.waiting.bar_wait"
ORDER_ADMISSION = "barstucks_site.admission.open_orders.open_orders"
# 0 is no limit. People pay at the till after ordering, and a shop full of them has one address.
MOST_OPEN_ORDERS = _environment.whole_number("MOST_OPEN_ORDERS", 200, low=0, high=100_000)
MOST_UNPAID_PER_ADDRESS = _environment.whole_number(
    "MOST_UNPAID_PER_ADDRESS", 120, low=0, high=100_000
)
MOST_UNPAID_PER_DEVICE = _environment.whole_number("MOST_UNPAID_PER_DEVICE", 5, low=0, high=1000)

# -- Databases -------------------------------------------------------------------------------


def _database(name: str, file: str, pragmas: str) -> dict[str, Any]:
    database = _environment.database(name, f"sqlite:///{VAR / file}")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        if Path(database["NAME"]).is_absolute():
            shop_directory.private_database(Path(database["NAME"]))
        # The web's threads live as long as the process, and so do their connections.
        database |= {
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": pragmas},
            # A file, because tests use threads; one per test process, because runs may overlap.
            "TEST": {"NAME": str(VAR / "tmp" / f"test-{os.getpid()}-{file}")},
        }
    else:
        database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    return database


# SQLite before 3.51.3 can lose commits when two connections write one WAL file: accounts and keys
# use a rollback journal; read models use WAL, written by one connection at a time.
_COMMON = "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;"
_DURABLE = f"PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; {_COMMON}"
_REBUILDABLE = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
    f"PRAGMA journal_size_limit=67108864; {_COMMON}"
)
DATABASES = {
    "default": _database("DATABASE_URL", "default.sqlite3", _DURABLE),
    "read_models": _database("READ_MODELS_URL", "read_models.sqlite3", _REBUILDABLE),
}
DATABASE_ROUTERS = ["barstucks_site.database_router.DatabaseRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Everything that must not be lost is on this machine's disk, unless servers of their own keep it.
DATA_IS_HERE = EVENTSTORE_IS_OURS or any(
    database["ENGINE"] == "django.db.backends.sqlite3" for database in DATABASES.values()
)
DISK_WARN_MB = _environment.whole_number("DISK_WARN_MB", 500, low=0, high=1_000_000)
DISK_REFUSE_MB = _environment.whole_number("DISK_REFUSE_MB", 100, low=0, high=1_000_000)

# -- Pushes between processes ----------------------------------------------------------------
CHANNELS_URL = _environment.address(
    "CHANNELS_URL", "local://", ("local", "inmemory", "redis", "rediss")
)


def _channel_layer(url: str) -> dict[str, Any]:
    match urlsplit(url).scheme:
        case "local":
            return {
                "BACKEND": "projections.live.local_channel_layer.LocalChannelLayer",
                "CONFIG": {"directory": str(VAR / "push")},
            }
        case "inmemory":
            return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
        case _:
            return {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [{"address": url}]},
            }


CHANNEL_LAYERS = {"default": _channel_layer(CHANNELS_URL)}

# -- What the site is made of ----------------------------------------------------------------
# Not Daphne: as an app it only replaces `runserver`, and every process would load it. Projector and
# reactor have lists of their own (`projector_settings.py`, `reactor_settings.py`).
INSTALLED_APPS = [
    "barstucks_site.inspector_app.InspectorConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "axes",
    "csp",
    "orders",
    "projections",
    "staff",
    "barstucks_site",
    "rush",
]
MIDDLEWARE = [
    "barstucks_site.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "barstucks_site.languages.LanguageMiddleware",
    "barstucks_site.disk_space.RefuseWithoutRoom",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.tokens.TokenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "barstucks_site.audit.AuditMiddleware",
    "orders.responses.ProblemDetailsMiddleware",
]
if TRACE_EXPORTERS:
    MIDDLEWARE.insert(0, "barstucks_site.telemetry.spans.RequestSpans")
ROOT_URLCONF = "barstucks_site.urls"
ASGI_APPLICATION = "barstucks_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "barstucks_site.page_context.shop",
            ]
        },
    }
]
STATIC_URL = "/static/"
# "off" also takes the service worker away from the browsers that have one.
SERVICE_WORKER = _environment.choice("SERVICE_WORKER", "on", ("on", "off")) == "on"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = _environment.directory("STATIC_ROOT", VAR / "static")
FILE_UPLOAD_PERMISSIONS = None  # the umask says who may read the collected files
STORAGES = {"staticfiles": {"BACKEND": "barstucks_site.collected_static.Storage"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# -- Languages -------------------------------------------------------------------------------
# What the customer's pages speak; in their own words the names are Django's.
LANGUAGES = [("en", "English"), ("de", "German"), ("ar", "Arabic")]
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "barstucks_site.formats"

# -- Accounts --------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "staff.login_backend.StaffBackend",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/staff/login/"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "staff.failed_logins.hashed_name"
AXES_LOCKOUT_CALLABLE = "barstucks_site.error_pages.locked_out"
AXES_RESET_ON_SUCCESS = True
# Who goes on guessing must not lock somebody out for good.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# -- Cookies and headers ---------------------------------------------------------------------
_PREFIX = "" if DEMO else "__Host-"
SESSION_COOKIE_NAME = f"{_PREFIX}session"
SESSION_COOKIE_SECURE = not DEMO
STAFF_DEVICE_COOKIE_NAME = f"{_PREFIX}staff_device"
THEME_COOKIE_NAME = f"{_PREFIX}theme"
CSRF_COOKIE_NAME = f"{_PREFIX}csrf"
CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = f"{_PREFIX}language"
LANGUAGE_COOKIE_SECURE = not DEMO
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "barstucks_site.error_pages.denied"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# Not `no-referrer`: browsers would then post forms with `Origin: null`, which CSRF refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_HOPS else None
# Subdomains and the preload list are a decision about a whole domain, not about one shop.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LOGGING = log_lines.configuration(LOG_FORMAT)
