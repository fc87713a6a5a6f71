# syntax=docker/dockerfile:1
# Two images from one build: `latchkey` (the default: the worker, and the operator's command that is also the bridge) and
# `simulators` (the two vendors, for trying things out; never for production).
FROM golang:1.26-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOCACHE=/cache/go-build
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/cache/go-build \
    go build -trimpath -ldflags='-s -w' -o /out/latchkey-worker ./worker && \
    go build -trimpath -ldflags='-s -w' -o /out/latchkey ./starter && \
    go build -trimpath -ldflags='-s -w' -o /out/okta-simulator ./simulators/okta && \
    go build -trimpath -ldflags='-s -w' -o /out/freshservice-simulator ./simulators/freshservice && \
    mkdir -p /out/blobs

FROM gcr.io/distroless/static-debian12:nonroot AS simulators
# latchkey is here for its `health` command: the image has no shell and no curl.
COPY --from=build /out/okta-simulator /out/freshservice-simulator /out/latchkey /usr/local/bin/
USER nonroot

FROM gcr.io/distroless/static-debian12:nonroot AS latchkey
COPY --from=build /out/latchkey-worker /out/latchkey /usr/local/bin/
COPY --from=build /src/examples/acme/policies /etc/latchkey/policies
# Owned by the user the process runs as, so that a fresh volume mounted here can be written.
COPY --from=build --chown=nonroot:nonroot /out/blobs /var/lib/latchkey
USER nonroot
ENV LATCHKEY_POLICY_DIR=/etc/latchkey/policies \
    LATCHKEY_BLOB_URL=file:///var/lib/latchkey
ENTRYPOINT ["/usr/local/bin/latchkey-worker"]
