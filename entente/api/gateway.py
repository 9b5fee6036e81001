"""The API, put together from its sections: django-ninja behind our own door, with problem+json for every error."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from entente import __version__
from entente.api import (
    agreement,
    alert_rules,
    clocks,
    dealing,
    events,
    handoffs,
    notifications,
    own,
    people,
    promises,
    verbs,
)
from entente.api.description import ABOUT, completed
from entente.api.door import as_problem
from entente.api.problems import Problem

SECTIONS = (people, handoffs, verbs, dealing, clocks, promises, alert_rules, notifications, agreement, events, own)


class Json(BaseRenderer):
    """Answers as msgspec writes them. Whatever a value is, there is a text for it."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data, enc_hook=str)


class JsonBody(Parser):
    """Bodies as JSON, read with care: what is none ends the request with 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        try:
            return msgspec.json.decode(body)
        except (ValueError, RecursionError):
            pass
        try:  # as some senders write it, with NaN or lone surrogates; what fields do not take is refused there
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Problem(400, f"The body is no JSON: {str(error)[:200]}") from error


class Api(NinjaAPI):
    """django-ninja's, with our errors and our description."""

    def set_default_exception_handlers(self) -> None:
        self.add_exception_handler(Exception, _tell)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name, by which generated clients call it."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **places: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**places)
        completed(document)
        return document


def _tell(request: HttpRequest, error: Any) -> HttpResponse:
    return as_problem(error).response()


def build() -> Api:
    """All sections in one API."""
    made = Api(
        title="Entente",
        version=__version__,
        description=ABOUT,
        docs_url=None,
        urls_namespace="api",
        renderer=Json(),
        parser=JsonBody(),
    )
    for each in SECTIONS:
        made.add_router("", each.section.router)
    return made


api = build()
