"""Settings: what the environment says, read once at boot; a shop that is not safe to open does not open."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ground.errors import Refusal

ROOT = Path(__file__).parent
INSTANCE = ROOT / "instance"

SQLITE_URL = f"sqlite:///{INSTANCE / 'good-measure.sqlite'}"
KNOWN_KEYS = {"", "dev", "development", "secret", "changeme", "change-me", "secret-key", "test", "good-measure"}


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every setting by its name in `app.config`. Development needs none of them; production says what is missing.

    Raises Refusal naming the setting at fault.
    """
    production = environ.get("GOOD_MEASURE_ENV", "development") == "production"
    settings: dict[str, Any] = {
        "PRODUCTION": production,
        "DATABASE_URL": environ.get("DATABASE_URL") or SQLITE_URL,
        "WORKER_DATABASE_URL": environ.get("WORKER_DATABASE_URL") or environ.get("DATABASE_URL") or SQLITE_URL,
        "SECRET_KEY": environ.get("SECRET_KEY", ""),
        "COOKIES_SECURE": production,
        "TRUSTED_HOSTS": _words(environ.get("TRUSTED_HOSTS", "")) or None,
        "PROXIES": int(environ.get("PROXIES", "1" if production else "0")),
        "PUBLIC_URL": environ.get("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/"),
        "TIME_ZONE": environ.get("TIME_ZONE", "Africa/Nairobi"),
        "MAX_CONTENT_LENGTH": 3_000_000,
        "MAX_FORM_MEMORY_SIZE": 1_000_000,
        "MAX_FORM_PARTS": 4_000,
        "HELP_PHONE": environ.get("HELP_PHONE", "" if production else "0800 720 100"),
        "COMPLAINT_DAYS": int(environ.get("COMPLAINT_DAYS", "7")),
        "LOG_LEVEL": environ.get("LOG_LEVEL", "INFO" if production else "WARNING"),
        "TELL_QUERIES": False,
        "PAGE_CACHE_BYTES": int(environ.get("PAGE_CACHE_MB", "24")) << 20,
        "MAIL_SENDER": environ.get("MAIL_SENDER", "Good Measure <shop@goodmeasure.example>"),
        "MAIL_FOLDER": environ.get("MAIL_FOLDER", str(INSTANCE / "mail")),
        "PHOTO_FOLDER": environ.get("PHOTO_FOLDER", str(INSTANCE / "photos")),
        "SMTP_HOST": environ.get("SMTP_HOST", ""),
        "SMTP_PORT": int(environ.get("SMTP_PORT", "587")),
        "SMTP_USER": environ.get("SMTP_USER", ""),
        "SMTP_PASSWORD": environ.get("SMTP_PASSWORD", ""),
        "CARDS": environ.get("CARDS", "on"),
        "STRIPE_SECRET_KEY": environ.get("STRIPE_SECRET_KEY", ""),
        "STRIPE_WEBHOOK_SECRET": environ.get("STRIPE_WEBHOOK_SECRET", ""),
        "SANDBOX_DATABASE": environ.get("SANDBOX_DATABASE", str(INSTANCE / "sandbox.sqlite")),
        "GOOD_MEASURE_ENV": environ.get("GOOD_MEASURE_ENV", "development"),
    }
    if settings["CARDS"] not in ("on", "off"):
        raise Refusal("CARDS is on or off.")
    if not settings["STRIPE_SECRET_KEY"] and settings["CARDS"] == "on":
        settings["SANDBOX_WEBHOOK_URL"] = (
            environ.get("SANDBOX_WEBHOOK_URL") or f"{settings['PUBLIC_URL']}/webhooks/stripe"
        )
    if production:
        _check_production(settings, environ)
    elif not settings["SECRET_KEY"]:
        settings["SECRET_KEY"] = development_key(INSTANCE / "secret-key")
    return settings


def _check_production(settings: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Refuse keys from a dictionary, debugging, a database that cannot serve several workers, and mail into the void."""
    key = str(settings["SECRET_KEY"])
    if key.lower() in KNOWN_KEYS or len(key) < 32 or len(set(key)) < 12:
        raise Refusal("SECRET_KEY must be at least 32 random letters in production: try `openssl rand -hex 32`.")
    if environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        raise Refusal("FLASK_DEBUG must be off in production.")
    if not settings["TRUSTED_HOSTS"]:
        raise Refusal("TRUSTED_HOSTS must name the hosts that this shop answers for.")
    if not str(settings["PUBLIC_URL"]).startswith("https://"):
        raise Refusal("PUBLIC_URL must be the shop's https address.")


def development_key(path: Path) -> str:
    """A random key of this checkout's own, made once. Two processes starting at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
