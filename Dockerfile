ARG BASE_IMAGE=python:3.12-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /empty
WORKDIR /src
COPY requirements.lock .
RUN ["pip", "install", "--no-cache-dir", "--require-hashes", "--prefix=/opt/vesseltrack", "-r", "requirements.lock"]
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY vesseltrack vesseltrack
COPY services services
COPY fixtures fixtures
RUN ["pip", "install", "--no-cache-dir", "--no-deps", "--prefix=/opt/vesseltrack", "."]

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="vesseltrack" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/vesseltrack /usr/local
# The store belongs to the user that runs; an empty folder brings its owner along.
COPY --from=build --chown=10001:10001 /empty /store
ENV HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    VESSELTRACK_STORE=/store
USER 10001:10001
WORKDIR /store
VOLUME ["/store"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["vesseltrack"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
