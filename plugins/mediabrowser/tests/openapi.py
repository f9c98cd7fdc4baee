"""Checks against a vendor's OpenAPI document."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


def convert(schema: Any) -> Any:
    """Turn OpenAPI 3.0's `nullable` into JSON Schema."""
    if isinstance(schema, list):
        return [convert(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {name: convert(value) for name, value in schema.items() if name != "nullable"}
    return {"anyOf": [{"type": "null"}, converted]} if schema.get("nullable") is True else converted


def json_schema(content: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the JSON among the kinds of content."""
    return next(media["schema"] for kind, media in content.items() if kind.startswith("application/json"))


def fill(value: Any, names: dict[str, str]) -> Any:
    """Put ids into a prepared query or body."""
    if isinstance(value, dict):
        return {name: fill(inner, names) for name, inner in value.items()}
    return value.format(**names) if isinstance(value, str) else value


class Document:
    """A vendor's document.

    `is_closed`: a property that a schema does not name is an error everywhere. `later`: by schema, the properties that
    came after the document was written.
    """

    def __init__(self, path: Path, *, is_closed: bool = False, later: Mapping[str, list[str]] | None = None) -> None:
        self._path = path
        self._is_closed = is_closed
        self._later = later or {}

    @cached_property
    def whole(self) -> Any:
        """The document."""
        return json.loads(self._path.read_text())

    @cached_property
    def _schemas(self) -> Any:
        schemas = convert(self.whole["components"]["schemas"])
        for name, properties in self._later.items():
            schemas[name]["properties"] |= {each: {} for each in properties}
        if self._is_closed:
            for schema in schemas.values():
                if "properties" in schema:
                    schema["additionalProperties"] = False
        return schemas

    def operation(self, verb: str, path: str) -> dict[str, Any]:
        """Return what the document says about a verb and a path."""
        return self.whole["paths"][path][verb]

    def check(self, schema: dict[str, Any], value: Any) -> None:
        """Fail unless a value fits a schema."""
        whole = {**convert(schema), "components": {"schemas": self._schemas}}
        errors = sorted(Draft202012Validator(whole).iter_errors(value), key=lambda error: list(error.absolute_path))
        assert not errors, [f"{error.json_path}: {error.message[:200]}" for error in errors[:5]]

    def check_request(self, operation: dict[str, Any], query: dict[str, Any], body: Any) -> None:
        """Fail unless a request is one that the document describes."""
        parameters = {each["name"]: each for each in operation.get("parameters", ()) if each["in"] == "query"}
        assert set(query) <= set(parameters)
        for name, value in query.items():
            self._check_word(parameters[name]["schema"], str(value))
        if body is not None:
            self.check(json_schema(operation["requestBody"]["content"]), body)

    def _check_word(self, schema: dict[str, Any], value: str) -> None:
        if schema.get("type") == "array":
            for word in value.split(","):
                self._check_word(schema["items"], word)
        elif "$ref" in schema or schema.get("type") == "string":
            self.check(schema, value)
        else:
            self.check(schema, json.loads(value))
