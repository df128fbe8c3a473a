from spinelib.sources.layouts import files_in, folders_called, match


def touch(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_folders_are_found_below_what_an_archive_unpacks_to(tmp_path):
    for name in ("a/images", "b/c/images", "d/masks", "e/f/g/h/images"):
        (tmp_path / name).mkdir(parents=True)
    found = [path.relative_to(tmp_path).as_posix() for path in folders_called(tmp_path, "images")]
    assert found == ["a/images", "b/c/images"]


def test_what_people_leave_beside_their_films_is_passed_over(tmp_path):
    for name in ("b.png", "a.png", "Thumbs.db", ".hidden.png", "notes.txt", "shapes.json"):
        touch(tmp_path / "images" / name)
    assert [path.name for path in files_in(tmp_path / "images")] == ["a.png", "b.png"]
    touch(tmp_path / "masks" / "a.json")
    assert [path.name for path in files_in(tmp_path / "masks")] == ["a.json"]
    assert files_in(tmp_path / "absent") == []


def test_images_and_masks_meet_by_name_and_the_others_are_problems(tmp_path):
    images = [touch(tmp_path / "images" / name) for name in ("a.png", "b.png", "c.png", "d.doc")]
    masks = [touch(tmp_path / "masks" / name) for name in ("a.png", "b_mask.png", "lonely.png")]
    problems = []
    cases = list(match(images, masks, "lateral", problems))
    assert [(case.case, case.view) for case in cases] == [("a", "lateral"), ("b", "lateral")]
    assert cases[1].mask == str(masks[1].resolve())
    assert [(problem.case, problem.problem) for problem in problems] == [
        ("c", "has no mask called c"),
        ("d.doc", "is not of a kind that can be read"),
        ("lonely", "has no image"),
    ]
