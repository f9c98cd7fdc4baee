"""YAML as we read and write it: scalars keep their text, duplicate keys are errors, lines are known.

Numbers and dates stay text until a type asks for a number: ``user: 0123`` is a user id, not the octal number 83.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from watchstate.api import ConfigError

_TEXT_TAGS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")

KeyPath = tuple[str, ...]
"""The keys that lead to a value, from the top."""


def _keep_text(resolvers: Mapping[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    return {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in _TEXT_TAGS] for first, pairs in resolvers.items()
    }


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _keep_text(yaml.SafeLoader.yaml_implicit_resolvers)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = _keep_text(yaml.SafeDumper.yaml_implicit_resolvers)

    def ignore_aliases(self, data: object) -> bool:
        return True


class Document:
    """A YAML text, read."""

    def __init__(self, value: object, lines: Mapping[KeyPath, int]) -> None:
        self.value = value
        self._lines = lines

    def line(self, path: KeyPath) -> int | None:
        """Return the line on which a key stands, counted from 1, or that of the nearest key above it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)


def read_yaml(text: str, source: str) -> Document:
    """Read one YAML document; `source` is what to call it in an error.

    Raises:
        ConfigError: it is no YAML (with line and column), or a key stands there twice.
    """
    try:
        return _read(_Loader(text), source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{source}{where}: not YAML: {_problem(error)}") from None  # its text shows the line
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: not YAML that can be read: it is nested too deeply") from error


def write_yaml(value: object) -> str:
    """Return a value as YAML, keys in their order; what `read_yaml` makes of it is the same value."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1000)


def _read(loader: _Loader, source: str) -> Document:
    node = loader.get_single_node()
    if node is None:
        return Document(None, {})
    lines = dict(_key_lines(node, (), source))
    return Document(loader.construct_document(node), lines)


def _problem(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "it cannot be read"
    return f"{error.context}, {problem}" if problem.startswith("but ") else problem


def _key_lines(node: yaml.Node, path: KeyPath, source: str) -> Iterator[tuple[KeyPath, int]]:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ConfigError(f"{source}, line {line}: a key must be plain text")
        if key.tag == "tag:yaml.org,2002:merge":
            continue
        name = str(key.value)
        if name in seen:
            dotted = ".".join((*path, name))
            raise ConfigError(f"{source}, line {line}: {dotted} stands there twice, first on line {seen[name]}")
        seen[name] = line
        # A server may be called `on` or `12`: a key is its text, whatever YAML would make of it.
        key.tag = "tag:yaml.org,2002:str"
        yield (*path, name), line
        yield from _key_lines(value, (*path, name), source)
