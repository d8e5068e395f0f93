# The compiled program on a slim base, as a user who is not root. Where this was written there is no
# Docker: the file has never been built. First `deno task compile`, on Linux, then
#   docker build -t bpx-bot .
#   docker run --rm --stop-timeout 60 -v bpx-bot:/data -v ./api-secret:/run/secrets/api-secret:ro \
#     -e BPX_API_SECRET_FILE=/run/secrets/api-secret bpx-bot run --live -p grid-perp
# where user 10001 may read ./api-secret. The program needs glibc and libgcc, which this base has, and
# no certificates: it brings its own.
FROM debian:12-slim
RUN useradd --create-home --home-dir /data --uid 10001 bpx-bot
COPY --chmod=755 dist/bpx-bot /usr/local/bin/bpx-bot
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["bpx-bot"]
CMD ["--help"]
