import pytest

from tests.cluster.slurm import cluster

# What the controller remembered of every job when its cluster ended.
JOBS = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.addinivalue_line("markers", "cluster: sends a study to a cluster scheduler (skipped without one)")
    config.stash[JOBS] = []


@pytest.fixture(scope="module")
def slurm(request):
    with cluster() as made:
        yield made
        version = made.ask("sinfo", "--version").strip()
        told = [f"{version} job {job.id:>3s}  {job.state:10s} {job.rule}" for job in made.jobs()]
        request.config.stash[JOBS] += told


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[JOBS]:
        terminalreporter.section("jobs of the SLURM that the tests started")
        for line in config.stash[JOBS]:
            terminalreporter.write_line(line)
