"""YAML that people write: what makes a small text take all memory, or stops the parser, is refused with its line."""

from __future__ import annotations

from typing import Any

import yaml

# Characters that all values may have when every repeated part (`*name`) is written out.
MOST = 1_000_000
# What PyYAML raises of its own for a value that is not what it looks like or says to be (2024-13-45, !!int x).
FOREIGN = (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError)


def load_yaml(text: str, kind: type[yaml.BaseLoader] | type[yaml.SafeLoader] = yaml.SafeLoader) -> Any:
    """What the YAML `text` says, None for an empty one, read by a loader of this `kind`.

    Raises yaml.YAMLError for what is no YAML, nests too deeply, repeats a part within itself or holds a null character,
    which no path and no name has, and for a text of repeated parts that would have more than MOST characters, and than
    twice its own, if they were written out.
    """
    try:
        loader = kind(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if _length(node, {}) > max(MOST, 2 * len(text)):
                raise _error("repeated parts make too much of it", node)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except RecursionError as error:
        raise yaml.MarkedYAMLError(problem="it nests lists or mappings too deeply") from error
    except FOREIGN as error:
        raise yaml.MarkedYAMLError(problem=f"a value cannot be read ({error})") from error


def _length(node: yaml.Node, known: dict[int, int]) -> int:
    """Characters of all values in `node`, as often as they are repeated; known: those of nodes that were looked at."""
    mark = id(node)
    if mark in known:
        if not known[mark]:
            raise _error("a part is repeated within itself", node)
        return known[mark]
    known[mark] = 0
    parts = node.value if isinstance(node, yaml.SequenceNode) else []
    parts = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else parts
    if isinstance(node, yaml.ScalarNode) and "\0" in node.value:
        raise _error("a text holds a null character", node)
    own = len(node.value) if isinstance(node, yaml.ScalarNode) else 0
    known[mark] = 1 + own + sum(_length(part, known) for part in parts)
    return known[mark]


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
