"""Who works with Entente: users with a party and a role, and the trail of what they did."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Party(models.TextChoices):
    MARKETING = "marketing", _("Marketing")
    SALES = "sales", _("Sales")
    NEITHER = "", _("Neither")


class Role(models.TextChoices):
    OPS = "ops", _("Operations")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")


class Theme(models.TextChoices):
    SYSTEM = "", _("As my device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


SERVICE: Final = "api@entente.invalid"
"""The address of the member as whom keys act that were made before anybody was a member: see `members.service`."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A member of the company. A sales `member` is a rep; a `manager` leads their party; `ops` sets everything up."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    party = models.CharField(_("party"), max_length=10, choices=Party, blank=True, default=Party.NEITHER)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)
    language = models.CharField(_("language"), max_length=5, default="en")
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, blank=True, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(party__in=Party.values), name="user_party_is_known"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class TrailEntry(models.Model):
    """Who did what, when, to which object. Written once: a trigger refuses changes and deletions."""

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.TextField(help_text="as they were called then; 'command line' where nobody was signed in")
    verb = models.TextField(help_text="what was done: `member.invited`, `import.undone`, ...")
    object = models.TextField(blank=True, help_text="to what, as a person would name it")
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [models.Index(fields=["verb", "at"], name="trail_verb")]

    def __str__(self) -> str:
        return f"{self.by_name} {self.verb} {self.object}"


class ApiKey(models.Model):
    """A secret by which a program acts as a member, within its scopes and within what the member's role allows.

    Only the SHA-256 of the secret is kept: it has 256 random bits, which no list of guesses can reach. `prefix` is the
    beginning of the secret, shown so that people can tell their keys apart.
    """

    name = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    scopes = ArrayField(models.TextField(), help_text="of `members.scopes.SCOPES`")
    acts_as = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(scopes=[]), name="api_key_has_a_scope"),
            models.CheckConstraint(condition=models.Q(digest__regex="^[0-9a-f]{64}$"), name="api_key_digest_is_one"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="api_key_expires_after_its_making"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Allowance(models.Model):
    """How much of its rate a caller of the API has used up: requests made so far are paid for until `until`."""

    holder = models.TextField(primary_key=True, help_text="`key:7` or `member:3`")
    until = models.DateTimeField()
