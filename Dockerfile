ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/playground
COPY . .
RUN python -m pip --python /opt/playground/bin/python install --no-cache-dir ".[postgres]"
# The digits are unzipped here, once: a container starts with them and needs no room to write for it.
RUN CACHE_DIR=/var/cache/playground /opt/playground/bin/python -c "\
from app.settings import Settings; \
from app.training.dataset import prepare; \
prepare(Settings().data_dir, Settings().cache_dir)" && chmod -R a+rX /var/cache/playground

FROM ${PYTHON_IMAGE}
# 1000 is the user that hosts such as Hugging Face Spaces run a container as.
RUN useradd --uid 1000 --create-home player && install --directory --owner=player --group=player /data
COPY --from=build /opt/playground /opt/playground
COPY --from=build --chown=1000:1000 /var/cache/playground /var/cache/playground
ENV PATH=/opt/playground/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CACHE_DIR=/var/cache/playground \
    RUNS_DIR=/data \
    MPLCONFIGDIR=/data/matplotlib \
    HOST=0.0.0.0 \
    PORT=8000
USER 1000
# The one place that is written to, also for temporary files where /tmp can't be.
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=3); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
ENTRYPOINT ["playground", "serve"]
