"""One name, one meaning: no two public functions or classes of the library share a name, no module is hidden by one."""

import ast
from collections import defaultdict
from pathlib import Path

import spinelib

PACKAGE = Path(spinelib.__file__).parent
# Names that several modules define on purpose, and why.
SHARED = {
    "add_command": "every command adds itself to the command line",
    "main": "the command of a module that is run as a program",
    "cases": "every layout of labels has these two, chosen by what lies in the folder",
    "fits": "every layout of labels has these two, chosen by what lies in the folder",
    "geometry": "every reader of volumes has these two, chosen by the kind of the file",
    "voxel_file": "every reader of headers that may have their voxels in a file beside them",
    "read": "every reader of volumes has these two, chosen by the kind of the file",
    "assd": "`measures.distances` gives the registry what `measures.surface` computes",
    "boundary_f1": "`measures.distances` gives the registry what `measures.surface` computes",
    "hd95": "`measures.distances` gives the registry what `measures.surface` computes",
    "nsd": "`measures.distances` gives the registry what `measures.surface` computes",
}


def top_level(path):
    return ast.parse(path.read_text(encoding="utf-8")).body


def shared_names(package):
    """Public functions and classes by name, with the modules that define them, where there are several."""
    found = defaultdict(set)
    for path in package.rglob("*.py"):
        for node in top_level(path):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(path.relative_to(package).as_posix())
    return {name: modules for name, modules in found.items() if len(modules) > 1}


def test_no_two_public_functions_or_classes_have_one_name():
    found = shared_names(PACKAGE)
    assert {name: sorted(modules) for name, modules in found.items() if name not in SHARED} == {}
    assert set(SHARED) <= set(found), "a name that is no longer shared needs no reason"


def test_names_are_shared_where_their_reason_says():
    found = shared_names(PACKAGE)
    for name in ("geometry", "read"):
        assert {Path(module).parent.as_posix() for module in found[name]} == {"cases/readers"}
    for name in ("cases", "fits"):
        assert {Path(module).parent.as_posix() for module in found[name]} == {"sources/formats"}
    for name in ("assd", "boundary_f1", "hd95", "nsd"):
        assert found[name] == {"measures/distances.py", "measures/surface.py"}


def test_a_second_function_of_one_name_is_seen(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("def same():\n    pass\n\n\ndef _own():\n    pass\n")
    assert shared_names(tmp_path) == {"same": {"one.py", "two.py"}}


def test_no_package_hides_a_module_behind_a_function_of_its_name():
    hidden = []
    for path in PACKAGE.rglob("__init__.py"):
        modules = {other.stem for other in path.parent.iterdir() if other.suffix == ".py" or other.is_dir()}
        package = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
        for node in top_level(path):
            if isinstance(node, ast.ImportFrom) and node.module != package:
                hidden += [f"{package}.{a.asname or a.name}" for a in node.names if (a.asname or a.name) in modules]
    assert not hidden
