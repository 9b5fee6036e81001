"""The API under schemathesis: whatever is sent, valid or not, nothing breaks and every answer is as described.

Routes are those of the published description. Half of the valid requests go to things that exist. The long form sends
twenty times as many.
"""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from entente.handoffs.models import Handoff

QUICK, LONG = 12, 250
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""Not among them: that what is well-formed is taken. A cursor of somebody else's making is not, nor a second ending."""


@pytest.fixture
def one_connection():
    """A request ends with closing a connection that is in a transaction, as the test's is; not so here."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(company, settings, one_connection):
    settings.ALLOWED_HOSTS = ["*"]
    settings.API_REQUESTS_PER_SECOND = 1_000_000
    # The key is ours in every request: bad keys are tried in `test_door.py`.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)


def attack(described, api, mode, examples):
    """Send so many requests to every route of the description."""
    lead = Handoff.objects.get(person__name="Carlos")
    known = {"handoff_id": lead.pk, "person_id": lead.person_id}
    checks = CHECKS + ([negative_data_rejection] if mode is schemathesis.GenerationMode.NEGATIVE else [])
    headers = {**api.headers, "Accept-Encoding": "identity"}

    def attacked(operation):
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode), existing=st.booleans())
        def every(case, existing):
            if mode is schemathesis.GenerationMode.POSITIVE and existing:
                case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
            case.call_and_validate(headers=headers, checks=checks)

        return every

    routes = [route.ok() for route in described.get_all_operations()]
    assert len(routes) >= 24
    if mode is schemathesis.GenerationMode.NEGATIVE:
        routes = [route for route in routes if _can_be_wrong(route)]
    failed = {route.label: told for route in routes if (told := _failure(attacked(route)))}
    assert not failed, "\n\n".join(f"{label}: {told}" for label, told in failed.items())


def _can_be_wrong(route) -> bool:
    raw = route.definition.raw
    return bool(raw["parameters"] or raw.get("requestBody"))


def _failure(test) -> str:
    try:
        test()
    except BaseExceptionGroup as group:
        return "\n".join(str(each) for each in group.exceptions)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other routes are tried too
        return str(error)
    return ""


@pytest.mark.django_db
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_whatever_is_sent_is_answered_as_described(described, api, mode):
    attack(described, api, mode, QUICK)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_a_great_deal_is_answered_as_described(described, api, mode):
    attack(described, api, mode, LONG)
