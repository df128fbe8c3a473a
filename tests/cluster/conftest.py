def pytest_configure(config):
    config.addinivalue_line("markers", "cluster: sends a study to a cluster scheduler (skipped without one)")
