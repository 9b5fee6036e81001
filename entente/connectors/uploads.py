"""Files on their way in: streamed to disk, from those who may import only, and never more than the operator allows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from entente.members.permissions import allows


class LimitedUpload(TemporaryFileUploadHandler):
    """Stops reading at the first byte that is not wanted; the request then has no files, and the page says so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.request is None or not allows(self.request.user, "imports.run"):
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            assert self.request is not None  # noqa: S101 - it was there when the file began
            self.request.META["ENTENTE_UPLOAD_TOO_LARGE"] = "1"
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)
