# The program alone, linked statically, for a user without rights: docker build -t lockstep . && docker run --rm -p 4010:4010 lockstep
FROM rust:1.95-alpine AS build
# ring compiles a little C.
RUN apk add --no-cache gcc musl-dev
WORKDIR /lockstep
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY specs specs
COPY fixtures fixtures
COPY mock-server mock-server
COPY conformance conformance
# The targets of musl are linked statically: the program needs nothing of the image that it runs in.
RUN cargo build --release --locked && strip target/release/lockstep

FROM alpine:3
RUN adduser -D -H -u 65532 lockstep && install -d -o lockstep /srv/lockstep
COPY --from=build /lockstep/target/release/lockstep /usr/local/bin/lockstep
USER 65532
WORKDIR /srv/lockstep
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=2s CMD wget -q -O /dev/null http://127.0.0.1:4010/_lockstep/ready
ENTRYPOINT ["lockstep"]
CMD ["mock", "--listen", "0.0.0.0:4010"]
