"""The catalogue of real images, and how its packages come into the cache."""

import io
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from simgrid.quality.sources import catalogue
from simgrid.quality.sources.archives import ArchiveError, extract
from simgrid.quality.sources.catalogue import Package, choose, label_names, packages, sources
from simgrid.quality.sources.fetch import fetch, folder_of, members, sha256


def test_every_source_is_named_once_hashed_licensed_and_has_a_role():
    names = [one.name for one in sources()]
    assert len(set(names)) == len(names) == 36
    for one in sources():
        assert re.fullmatch(r"[0-9a-f]{64}", one.package.sha256)
        assert one.package.licence
        assert one.role in catalogue.ROLES


def test_an_image_belongs_to_one_source_and_a_package_to_one_line_of_facts():
    images = [(one.package.name, one.image) for one in sources()]
    assert len(set(images)) == len(images)
    assert len({one.name for one in packages()}) == len(packages()) == 8


def test_what_may_not_teach_does_not():
    barred = {"pyradiomics", "invesalius-examples"}
    assert {one.role for one in sources() if one.package.name in barred} == {"test"}
    assert {one.role for one in sources() if one.modality in ("CR", "DX")} == {"test"}
    licences = {one.package.licence for one in choose("train")}
    assert licences <= {"MIT", "BSD-3-Clause", "Apache-2.0"}


def test_an_unknown_source_is_told_what_there_is():
    with pytest.raises(ValueError, match="give a role"):
        choose("colin")


def test_vocabularies_name_the_labels():
    assert label_names("total")[5] == "liver"
    assert label_names("lesion") == {1: "lesion"}
    for one in sources():
        assert bool(one.vocabulary) == bool(one.labels)
        assert not one.vocabulary or label_names(one.vocabulary)


def wheel(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def package_of(archive: Path, kind: str = "pip-wheel") -> Package:
    real = sources()[0].package
    return Package(real.name, "0", kind, archive.name, sha256(archive), "MIT")


@pytest.fixture
def one_member(monkeypatch):
    monkeypatch.setattr("simgrid.quality.sources.fetch.members", lambda _: ("a/one.dcm",))


def test_a_package_is_fetched_once_and_only_what_is_used(tmp_path, one_member):
    archive = wheel(tmp_path / "some.whl", {"a/one.dcm": b"1", "a/two.dcm": b"2"})
    package, cache = package_of(archive), tmp_path / "cache"
    assert [one.state for one in fetch(cache, tmp_path, only=[package])] == ["fetched"]
    folder = folder_of(package, cache)
    assert sorted(one.name for one in folder.rglob("*") if one.is_file()) == ["manifest.json", "one.dcm"]
    archive.unlink()
    assert [one.state for one in fetch(cache, tmp_path, only=[package])] == ["there"]


def test_another_hash_is_refused_and_nothing_kept(tmp_path, one_member):
    archive = wheel(tmp_path / "some.whl", {"a/one.dcm": b"1"})
    package = package_of(archive)
    wheel(archive, {"a/one.dcm": b"evil"})
    (done,) = fetch(tmp_path / "cache", tmp_path, only=[package])
    assert done.state == "refused"
    assert "SHA-256" in done.why
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_registry_a_package_is_absent(tmp_path, one_member, monkeypatch):
    package = Package("some", "1", "deb", "some.deb", "0" * 64, "MIT")
    monkeypatch.setattr("shutil.which", lambda _: None)
    (done,) = fetch(tmp_path / "cache", only=[package])
    assert (done.state, "apt-get" in done.why) == ("absent", True)


def test_a_member_that_leads_out_is_refused(tmp_path):
    archive = wheel(tmp_path / "some.whl", {"a/../../out": b"1"})
    with pytest.raises(ArchiveError, match="leads out"):
        extract(archive, "pip-wheel", ["a/"], tmp_path / "into")
    assert not (tmp_path / "out").exists()


def test_a_member_that_inflates_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("simgrid.quality.sources.archives.MEMBER_BYTES_AT_MOST", 1000)
    archive = tmp_path / "some.whl"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a", bytes(1_000_000))
    with pytest.raises(ArchiveError, match="more than 1000 bytes"):
        extract(archive, "pip-wheel", ["a"], tmp_path / "into")


def test_links_in_an_archive_are_no_members(tmp_path):
    archive = tmp_path / "some.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(ArchiveError, match="has no a"):
        extract(archive, "pip-sdist", ["a"], tmp_path / "into")


def test_a_broken_archive_is_an_error_in_words(tmp_path):
    for kind in ("pip-wheel", "pip-sdist", "deb"):
        archive = tmp_path / f"{kind}.bin"
        archive.write_bytes(b"\x1f\x8b" + bytes(50))
        with pytest.raises(ArchiveError):
            extract(archive, kind, ["a"], tmp_path / f"into-{kind}")


def test_a_debian_package_needs_no_dpkg(tmp_path):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as tar:
        info = tarfile.TarInfo("./usr/share/a.bin")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))

    def member(name: str, content: bytes) -> bytes:
        head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        return head + content + b"\n" * (len(content) % 2)

    archive = tmp_path / "a.deb"
    archive.write_bytes(
        b"!<arch>\n" + member("debian-binary", b"2.0") + member("data.tar.xz", data.getvalue())
    )
    assert extract(archive, "deb", ["usr/share/a.bin"], tmp_path / "into") == {"usr/share/a.bin": 3}
    assert (tmp_path / "into/usr/share/a.bin").read_bytes() == b"abc"


def test_every_package_says_what_is_used_of_it():
    for one in packages():
        assert members(one)
        assert all(not Path(name).is_absolute() for name in members(one))
    assert np.all([one.endswith(".dcm") for one in members(choose("pydicom-data-cr-leg")[0].package)])


def test_a_package_that_is_no_longer_whole_is_fetched_again(tmp_path, one_member):
    archive = wheel(tmp_path / "some.whl", {"a/one.dcm": b"12345"})
    package, cache = package_of(archive), tmp_path / "cache"
    fetch(cache, tmp_path, only=[package])
    (folder_of(package, cache) / "a/one.dcm").write_bytes(b"12")
    assert folder_of(package, cache) is None
    assert [one.state for one in fetch(cache, tmp_path, only=[package])] == ["fetched"]
    assert (folder_of(package, cache) / "a/one.dcm").read_bytes() == b"12345"


def test_clients_are_run_without_a_shell_and_their_complaint_is_told(tmp_path, one_member, monkeypatch):
    ran = []

    def complains(command, **options):
        ran.append((command, options))
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: No matching distribution\n")

    monkeypatch.setattr("subprocess.run", complains)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    kinds = ("pip-wheel", "pip-sdist", "deb")
    for package in (Package("some", "1", kind, "some.bin", "0" * 64, "MIT") for kind in kinds):
        (done,) = fetch(tmp_path / "cache", only=[package])
        assert (done.state, "No matching distribution" in done.why) == ("absent", True)
    for command, options in ran:
        assert isinstance(command, list)
        assert not options.get("shell")
    assert "--require-hashes" in ran[0][0]
    assert ran[2][0] == ["apt-get", "download", "some=1"]
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_command_says_what_is_absent_and_where_things_are(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from simgrid.cli.main import cli

    monkeypatch.setattr("simgrid.quality.sources.fetch._download", lambda *_: "ERROR: offline")
    result = CliRunner().invoke(cli, ["qa", "fetch-data", "--cache", str(tmp_path / "cache")])
    assert result.exit_code == 4
    assert "0 of 8 packages" in result.stdout
    assert result.stderr.count("ERROR: offline") == 8
    assert "--from" in result.stderr


def test_a_cache_may_be_named_from_where_one_stands(tmp_path, monkeypatch):
    """The registries' clients run in a folder of their own, where a relative path leads elsewhere."""
    named = []

    def runs(command, cwd, **_):
        named.extend(Path(cwd, one) for one in command[command.index("-d") + 1 :: 2])
        assert all(one.exists() for one in named)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: none")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("subprocess.run", runs)
    fetch(Path("cache"), only=[Package("some", "1", "pip-wheel", "some.bin", "0" * 64, "MIT")])
    assert len(named) == 2


def test_a_folder_of_downloads_that_is_not_there_is_no_reason_to_ask_the_network(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from simgrid.cli.main import cli

    monkeypatch.setattr("simgrid.quality.sources.fetch._download", lambda *_: pytest.fail("asked"))
    result = CliRunner().invoke(cli, ["qa", "fetch-data", "--from", str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_a_surrogate_of_images_that_are_not_there_is_refused_in_one_line(tmp_path):
    from click.testing import CliRunner

    from simgrid.cli.main import cli

    (tmp_path / "empty").mkdir()
    for where in (["--source", "nothing"], ["--folder", str(tmp_path / "empty")]):
        result = CliRunner().invoke(cli, ["qa", "surrogate", "-o", str(tmp_path / "table.csv"), *where])
        assert result.exit_code == 2
        assert result.stderr.startswith("error: ")
        assert not (tmp_path / "table.csv").exists()
