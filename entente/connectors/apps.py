from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "entente.connectors"
