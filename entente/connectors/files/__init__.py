"""The files people really have: exports of any product, in any encoding and layout, joined into one history."""

from entente.connectors.files.history import read_history, read_records
from entente.connectors.files.mapping import Mapping, MappingProblem
from entente.connectors.files.mapping_file import load_mapping, parse_mapping
from entente.connectors.files.problems import FileProblem

__all__ = ["FileProblem", "Mapping", "MappingProblem", "load_mapping", "parse_mapping", "read_history", "read_records"]
