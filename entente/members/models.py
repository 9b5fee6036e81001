"""Who works with Entente: users with a party and a role."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class Party(models.TextChoices):
    MARKETING = "marketing"
    SALES = "sales"
    NEITHER = ""


class Role(models.TextChoices):
    OPS = "ops"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A member of the company. A sales `member` is a rep; a `manager` leads their party; `ops` sets everything up."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    party = models.CharField(max_length=10, choices=Party, blank=True, default=Party.NEITHER)
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    language = models.CharField(max_length=5, default="en")
    timezone = models.CharField(max_length=60, default="UTC")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email
