"""What every export is given, and how it writes: never over what somebody has corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spinelib.apply.export.results import ReadImage
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.table import Row
from spinelib.core.errors import BadInput
from spinelib.core.files import replace

CORRECTED = "was changed since it was exported, and is kept as it is"


@dataclass
class ExportTask:
    """One kind of export: the results, what was read, where all goes, and what is left out.

    name: of the results; images: films and volumes that were read; into: the folder of this kind, below the one that
    `folder` keeps the record of; left: rows (file, kind, reason); study: the folder of a study whose split is kept.
    """

    kind: str
    name: str
    images: Sequence[ReadImage]
    into: Path
    folder: ResultsFolder
    left: list[Row] = field(default_factory=list)
    study: Path | None = None

    def leave(self, file: str, reason: str) -> None:
        """Note that a file is left out, and why."""
        self.left.append({"file": file, "kind": self.kind, "reason": reason})

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        """Let `write` make the file `name` of the export, whole or not at all; a file that somebody changed stays."""
        path = (self.into / name).relative_to(self.folder.out).as_posix()
        if self.folder.edited(path):
            self.leave(path, CORRECTED)
            return
        with self.folder.mask(path) as target, replace(target) as temporary:
            write(temporary)

    def each(self, images: Sequence[ReadImage], export: Callable[[ReadImage], None]) -> None:
        """Export one image after the other; one that cannot be used is left out with its reason."""
        for image in images:
            try:
                export(image)
            except BadInput as error:
                self.leave(image.image.name, f"{error.reason}. {error.remedy}")

    def films(self) -> list[ReadImage]:
        """The films; volumes are left out with a reason."""
        for image in self.images:
            if not image.is_film:
                self.leave(image.image.name, f"is a volume, and {self.kind} holds pictures; export it as nnunet")
        return [image for image in self.images if image.is_film]
