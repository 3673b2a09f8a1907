ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
# For a cluster: postgres,ray
ARG EXTRAS=postgres
WORKDIR /src
RUN python -m venv --without-pip /opt/playground && install --directory /data
COPY . .
RUN python -m pip --python /opt/playground/bin/python install --no-cache-dir --no-compile ".[${EXTRAS}]"
# What no server needs: tests, what Matplotlib writes PDF with, what Pillow reads AVIF with. If more were missing, the
# rehearsal would end the build.
RUN cd /opt/playground/lib/python3*/site-packages && \
    rm -r matplotlib/tests matplotlib/mpl-data/fonts/afm matplotlib/mpl-data/fonts/pdfcorefonts && \
    rm PIL/_avif.*.so pillow.libs/libavif-*.so* && \
    find fontTools -mindepth 1 -maxdepth 1 -type d -not -name misc -exec rm -r {} + && find fontTools -name "*.so" -delete && \
    find numpy -type d -name tests -prune -exec rm -r {} +
# The digits are unzipped here, once: a container starts with them and needs no room to write for it.
ENV CACHE_DIR=/var/cache/playground MPLCONFIGDIR=/tmp/matplotlib
RUN /opt/playground/bin/python deploy/rehearsal.py && chmod -R a+rX /var/cache/playground

FROM ${PYTHON_IMAGE} AS base
# 1000 is the user that hosts such as Hugging Face Spaces run a container as.
RUN useradd --uid 1000 --no-create-home --home-dir /data player
# What installs, compiles and documents.
RUN rm -rf /var/cache/apt /var/lib/apt/lists/* /usr/share/doc /usr/share/info /usr/share/locale /usr/share/man /usr/share/python-wheels && \
    find /usr -xdev -type d '(' -path "*/python3*/pip" -o -path "*/python3*/setuptools" -o -path "*/python3*/ensurepip" \
    -o -path "*/python3*/idlelib" -o -path "*/python3*/lib2to3" -o -path "*/python3*/pkg_resources" ')' -prune -exec rm -r {} +

# In one layer: what an image below has, and this one has not, would still be downloaded.
FROM scratch
COPY --from=base / /
COPY --from=build /opt/playground /opt/playground
COPY --from=build --chown=1000:1000 /data /data
COPY --from=build --chown=1000:1000 /var/cache/playground /var/cache/playground
ENV PATH=/opt/playground/bin:/usr/local/bin:/usr/bin:/bin \
    LANG=C.UTF-8 \
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
