"""A program that speaks to the API with a key."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Program:
    """Speaks JSON, carries a key, and insists that every error is problem+json."""

    def __init__(self, secret: str | None, client: Client | None = None) -> None:
        self.client = client or Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._checked(self.client.get(f"/api/v1/{path}", query, headers=self.headers))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        text = body if isinstance(body, (bytes, str)) else json.dumps(body)
        data = "" if body is None else text
        response = self.client.generic(
            method, f"/api/v1/{path}", data, "application/json", headers=self.headers | headers
        )
        return self._checked(response)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, body, **named)

    @staticmethod
    def _checked(response: HttpResponse) -> HttpResponse:
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json", response.content
            told = json.loads(response.content)
            assert told["status"] == response.status_code
            assert told["type"].startswith("urn:entente:")
            assert told["title"]
            assert told["detail"]
        return response
