# Reading films without installing anything but Docker; on CPUs, offline once it is built.
#   docker build --tag spinelib .
#   docker run --rm --volume "$PWD/films:/films:ro" --volume "$PWD/reports:/work/reports" spinelib read /films
# Results lie in reports/read/films. Where that folder is not yours to write add: --user "$(id -u):$(id -g)"
FROM python:3.12-slim AS build
WORKDIR /source
COPY requirements.lock ./
RUN python -m venv /opt/spinelib \
    && /opt/spinelib/bin/python -m pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE Snakefile ./
COPY spinelib spinelib
COPY studies studies
COPY notebooks notebooks
COPY profiles profiles
COPY data data
RUN /opt/spinelib/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /opt/spinelib /opt/spinelib
# A home that any user may write: caches of matplotlib and Jupyter go there.
ENV PATH=/opt/spinelib/bin:$PATH HOME=/tmp
RUN useradd --uid 1000 reader && mkdir -p /work/reports && chown -R reader /work
USER reader
WORKDIR /work
ENTRYPOINT ["spinelib"]
CMD ["--help"]
