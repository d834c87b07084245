# MinIO and its client, built from source: the project publishes no images any more. Versions as in scripts/versions.
FROM golang:1.26-bookworm AS build
ARG MINIO_VERSION=v0.0.0-20260212201848-7aac2a2c5b7c
ARG MC_VERSION=v0.0.0-20250313080218-cf909e1063a9
RUN CGO_ENABLED=0 go install -trimpath -ldflags='-s -w' github.com/minio/minio@${MINIO_VERSION} \
    && CGO_ENABLED=0 go install -trimpath -ldflags='-s -w' github.com/minio/mc@${MC_VERSION}

# BusyBox brings the shell of minio-setup.sh, and wget for the health check.
FROM busybox:1.37-musl
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /go/bin/minio /go/bin/mc /usr/bin/
RUN adduser -D -u 1000 minio && mkdir /data && chown minio /data
USER minio
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["/usr/bin/minio"]
CMD ["server", "/data"]
