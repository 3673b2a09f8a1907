ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/playground
COPY . .
RUN python -m pip --python /opt/playground/bin/python install --no-cache-dir .

FROM ${PYTHON_IMAGE}
# 1000 is the user that hosts such as Hugging Face Spaces run a container as.
RUN useradd --uid 1000 --create-home player && install --directory --owner=player /var/cache/playground
COPY --from=build /opt/playground /opt/playground
ENV PATH=/opt/playground/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CACHE_DIR=/var/cache/playground \
    HOST=0.0.0.0 \
    PORT=8000
USER 1000
WORKDIR /home/player
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=3); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
ENTRYPOINT ["playground", "serve"]
