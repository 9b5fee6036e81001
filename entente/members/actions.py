"""What changes members. Each verb is one transaction and leaves its row in the audit trail."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from entente.members import trail
from entente.members.models import SERVICE, Party, Role, User


class MembersError(Exception):
    """What was asked cannot be done to this member; the text says why, for the person who asked."""


@transaction.atomic
def create_user(
    email: str, name: str, party: str, role: str, *, by: User | None, password: str | None = None, **preferences: str
) -> User:
    """Add a member, who sets a password by the link of `password_link` unless one is given here."""
    email = email.strip().lower()
    _check_new(email, party, role)
    user = User(email=email, name=name.strip() or email, party=party, role=role, **preferences)
    if password is not None:
        _check_password(password, user)
    user.set_password(password)
    user.save()
    trail.record("member.added", by, str(user), email=email, party=party, role=role)
    return user


def _check_new(email: str, party: str, role: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise MembersError(_("“%(email)s” is not an e-mail address.") % {"email": email}) from error
    if party not in Party.values or role not in Role.values:
        raise MembersError(_("The party is marketing, sales or neither; the role ops, manager, member or viewer."))
    if User.objects.filter(email__iexact=email).exists():
        raise MembersError(_("There is a member with the address %(email)s already.") % {"email": email})


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise MembersError(" ".join(error.messages)) from error


@transaction.atomic
def change_user(user: User, *, by: User | None, name: str, party: str, role: str) -> User:
    """Change a member's name, party or role; the last active ops user stays one."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if role != Role.OPS:
        _keep_one_ops(user)
    before = {"name": user.name, "party": user.party, "role": user.role}
    user.name, user.party, user.role = name, party, role
    user.save(update_fields=["name", "party", "role"])
    after = {"name": name, "party": party, "role": role}
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changes:
        trail.record("member.changed", by, str(user), email=user.email, changes=changes)
    return user


@transaction.atomic
def disable_user(user: User, *, by: User | None) -> User:
    """Take away access at once: no log-in, and every session of theirs ends now. The last ops user stays."""
    user = User.objects.select_for_update().get(pk=user.pk)
    _keep_one_ops(user)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        trail.record("member.disabled", by, str(user), email=user.email, sessions=end_sessions(user))
    return user


@transaction.atomic
def enable_user(user: User, *, by: User | None) -> User:
    """Give access back."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        trail.record("member.enabled", by, str(user), email=user.email)
    return user


def _keep_one_ops(leaving: User) -> None:
    # The rows are locked in one order, so that two people who disable each other cannot both succeed.
    ops = User.objects.select_for_update().filter(role=Role.OPS, is_active=True).exclude(email=SERVICE).order_by("pk")
    if {user.pk for user in ops} == {leaving.pk}:
        raise MembersError(_("%(name)s is the last member of operations; name another first.") % {"name": leaving})


def end_sessions(user: User) -> int:
    """Sign the user out everywhere; returns how many sessions there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


@transaction.atomic
def password_link(user: User, *, by: User | None) -> str:
    """The path of a page where the member sets a password, good for three days and for one use."""
    if not user.is_active:
        raise MembersError(_("%(name)s is disabled; enable them first.") % {"name": user})
    trail.record("member.link_made", by, str(user), email=user.email)
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
