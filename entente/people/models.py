"""Persons, the identifiers by which they are known, the accounts they belong to, and the joins that made them one.

All of it is derived from the log and can be rebuilt from it.
"""

from __future__ import annotations

from django.db import models


class Account(models.Model):
    """A company. `key` is its group id, or the registrable domain of its people's e-mail; in lower case."""

    key = models.TextField(db_collation="C")
    name = models.TextField(blank=True)
    domain = models.TextField(blank=True)
    traits = models.JSONField(default=dict)
    first_seen = models.DateTimeField()
    named_at = models.DateTimeField(null=True, help_text="the earliest group call that names it")
    profile_at = models.DateTimeField(null=True, help_text="the latest group call that names it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="account_key_once")]
        indexes = [models.Index(fields=["domain"], name="account_domain")]

    def __str__(self) -> str:
        return self.name or self.key


class Person(models.Model):
    """A human. One that was joined into an older one stays as a signpost (`joined_into`) and has no identifiers."""

    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    email = models.TextField(blank=True)
    name = models.TextField(blank=True)
    group_id = models.TextField(blank=True, help_text="the group of the latest event that names one")
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL)
    traits = models.JSONField(default=dict)
    profile_at = models.DateTimeField(null=True, help_text="the latest event that told a trait, e-mail or group")
    joined_into = models.ForeignKey("self", null=True, on_delete=models.CASCADE, db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["email"], name="person_email", condition=~models.Q(email="")),
            models.Index(fields=["joined_into"], name="person_signpost", condition=~models.Q(joined_into=None)),
        ]

    def __str__(self) -> str:
        return self.name or self.email or f"visitor {self.pk}"


class Identifier(models.Model):
    """One identifier (`user:…`, `email:…`, `anon:…`) of one person; events find their person through it."""

    value = models.TextField(primary_key=True, db_collation="C")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="identifiers")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    seen = models.BooleanField(default=True, help_text="false: only an alias call has named it so far")
    shared = models.BooleanField(default=False, help_text="an anonymous id that met more than three users")


class Link(models.Model):
    """Two identifiers that an identify or alias call named together, and the earliest call that did.

    `kind`: see `entente.people.identity`.
    """

    pk = models.CompositePrimaryKey("a", "b", "kind")
    a = models.TextField(db_collation="C")
    b = models.TextField(db_collation="C")
    kind = models.TextField()
    occurred_at = models.DateTimeField()
    message_id = models.TextField(db_collation="C")
    source = models.TextField(db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["b"], name="link_other_end")]


class Join(models.Model):
    """Two persons were found to be one: what moved, when, and because of which call. A split undoes it."""

    survivor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="joins")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    identifiers = models.JSONField(help_text="the identifiers that moved")
    at = models.DateTimeField()
    event = models.TextField(blank=True, help_text="message id of the identify or alias call that showed it")
    undone_at = models.DateTimeField(null=True)
