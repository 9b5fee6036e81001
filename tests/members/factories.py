"""Members for tests: one of each role and party, with a password that is good enough."""

from __future__ import annotations

import factory

from entente.members.models import Party, Role, User

PASSWORD = "correct horse 77"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"member{n}@acme.example")
    name = factory.Sequence(lambda n: f"Member {n}")
    role = Role.MEMBER
    party = Party.SALES
    password = factory.django.Password(PASSWORD)
