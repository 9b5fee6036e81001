from django.apps import AppConfig
from django.db.backends.signals import connection_created


class WorkerConfig(AppConfig):
    name = "entente.worker"

    def ready(self) -> None:
        from entente.worker.numbers import teach

        connection_created.connect(teach, dispatch_uid="quick lists")
