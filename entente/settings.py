"""Django's settings. Everything an operator may choose is an environment variable: see docs/reference/settings.md."""

from __future__ import annotations

import os
import secrets
from ipaddress import ip_network
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from entente.database import connection_settings, data_folder

PACKAGE = Path(__file__).resolve().parent
DATA = data_folder()


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in ("1", "true", "yes", "on")


def _names(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _networks(name: str) -> list[str]:
    """Addresses or networks, checked here so that a slip stops the start and not a request."""
    return [str(ip_network(part, strict=False)) for part in _names(name)]


def _is_network(name: str) -> bool:
    try:
        ip_network(name, strict=False)
    except ValueError:
        return False
    return True


def _secret_key() -> str:
    """The key that signs sessions: from the environment, else made once and kept in the data folder, for us only."""
    given = os.environ.get("ENTENTE_SECRET_KEY")
    if given:
        return given
    path = DATA / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


def _database() -> dict[str, object]:
    """The server's address; a web process, whose requests run in many threads, keeps its connections in a pool."""
    database = connection_settings()
    if _flag("ENTENTE_POOL", False):
        options = database.get("OPTIONS")
        database["OPTIONS"] = {**(options if isinstance(options, dict) else {}), "pool": {"min_size": 1, "max_size": 8}}
    return database


SECRET_KEY = _secret_key()
DEBUG = _flag("ENTENTE_DEBUG", False)
TLS = _flag("ENTENTE_TLS", False)
ALLOWED_HOSTS = _names("ENTENTE_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _names("ENTENTE_ORIGINS")
TRUSTED_PROXIES = _networks("ENTENTE_PROXIES")
# Set by `members.middleware.client_address`, from a trusted proxy only.
SECURE_PROXY_SSL_HEADER = ("ENTENTE_SCHEME", "https")

INSTALLED_APPS = [
    "entente.web",  # first, so that its templates stand in front of those of Django and allauth
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "ninja",  # for the static files of its documentation page
    "entente.members",
    "entente.agreements",
    "entente.events",
    "entente.people",
    "entente.scoring",
    "entente.handoffs",
    "entente.routing",
    "entente.sla",
    "entente.alerts",
    "entente.evidence",
    "entente.reports",
    "entente.worker",
    "entente.connectors",
    "entente.api",
]

MIDDLEWARE = [
    "entente.members.middleware.client_address",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "entente.members.middleware.session_limits",
    "entente.members.middleware.preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "entente.members.middleware.EveryViewHasAPermission",
]

ROOT_URLCONF = "entente.urls"
ASGI_APPLICATION = "entente.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "entente.web.context.navigation",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        **_database(),
    }
}
# In the first, for all web processes together: log-in limits and measured promises; in the second: drawn charts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "entente_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "charts": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 3600},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "entente.members.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# An address may try often, since an office shares one; one user from one address may not.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip,5/300s/key", "reset_password_from_key": "20/m/ip"}
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # how long an invitation's link is good
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "entente.web.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "entente.web.static.VersionedStatic"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000  # an address carries its file's hash
MEDIA_ROOT = DATA / "files"

SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
SESSION_COOKIE_AGE = int(os.environ.get("ENTENTE_SESSION_DAYS", "14")) * 24 * 3600
SESSION_IDLE_SECONDS = int(os.environ.get("ENTENTE_SESSION_IDLE_HOURS", "12")) * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "entente.web.errors.csrf_failure"

# Files are streamed to disk, never held in memory; what one may be is limited where it is read (`connectors`).
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_HANDLERS = ["entente.connectors.uploads.LimitedUpload"]
UPLOAD_MAX_BYTES = int(os.environ.get("ENTENTE_UPLOAD_MB", "200")) * 1_000_000
API_REQUESTS_PER_SECOND = max(float(os.environ.get("ENTENTE_API_PER_SECOND", "50")), 0.01)

# Alerts: under which address members reach us, how mail leaves, and what a typed address may reach beyond the internet.
PUBLIC_ADDRESS = os.environ.get("ENTENTE_ADDRESS", "").rstrip("/")
EMAIL_HOST = os.environ.get("ENTENTE_SMTP_HOST", "")
EMAIL_USE_SSL = os.environ.get("ENTENTE_SMTP_TLS", "starttls") == "tls"
EMAIL_USE_TLS = os.environ.get("ENTENTE_SMTP_TLS", "starttls") == "starttls"
EMAIL_PORT = int(os.environ.get("ENTENTE_SMTP_PORT", "465" if EMAIL_USE_SSL else "587"))
EMAIL_HOST_USER = os.environ.get("ENTENTE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ENTENTE_SMTP_PASSWORD", "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("ENTENTE_EMAIL_FROM", "Entente <entente@localhost>")
ALERT_HOSTS = [name.lower() for name in _names("ENTENTE_ALERT_HOSTS") if not _is_network(name)]
ALERT_NETWORKS = [ip_network(name, strict=False) for name in _names("ENTENTE_ALERT_HOSTS") if _is_network(name)]
ALERT_PORTS = [int(port) for port in _names("ENTENTE_ALERT_PORTS")]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
