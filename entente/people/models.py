"""Persons, the identifiers by which they are known, the accounts they belong to, and the joins that made them one.

All of it is derived from the log and can be rebuilt from it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Account(models.Model):
    """A company. `key` is its group id, or the registrable domain of its people's e-mail; in lower case."""

    key = models.TextField(unique=True)
    name = models.TextField(blank=True)
    domain = models.TextField(blank=True, db_index=True)
    traits = models.JSONField(default=dict)
    first_seen = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or self.key


class Person(models.Model):
    """A human. One that was joined into an older one stays as a signpost (`joined_into`) and has no identifiers."""

    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    email = models.TextField(blank=True, db_index=True)
    name = models.TextField(blank=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    traits = models.JSONField(default=dict)
    joined_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return self.name or self.email or f"visitor {self.pk}"


class Identifier(models.Model):
    """One identifier (`user:…`, `email:…`, `anon:…`) of one person; events find their person through it."""

    value = models.TextField(primary_key=True, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    first_seen = models.DateTimeField()
    shared = models.BooleanField(default=False, help_text="an anonymous id that met more than three users")


class Join(models.Model):
    """Two persons were found to be one: what moved, when, and because of which event or member."""

    survivor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="joins")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    identifiers = models.JSONField(help_text="the identifiers that moved")
    at = models.DateTimeField()
    event = models.TextField(blank=True, help_text="message id of the identify or alias call that showed it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
