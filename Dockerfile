# ebpf-run with a runtime of its own: docker build -t ebpf-run . && docker run --rm -v "$PWD:/w" -w /w ebpf-run prog.o
FROM maven:3-eclipse-temurin-25 AS build
COPY . /src
WORKDIR /src
RUN mvn -B -q -Pdist package -DskipTests \
    && mkdir /opt/ebpf-run \
    && tar -xzf native/target/ebpf-run-[0-9]*.tar.gz -C /opt/ebpf-run --strip-components=1

# A glibc no older than the one that the runtime was linked for.
FROM debian:stable-slim
COPY --from=build /opt/ebpf-run /opt/ebpf-run
RUN ln -s /opt/ebpf-run/bin/ebpf-run /opt/ebpf-run/bin/bpf-conformance-plugin /usr/local/bin/
ENTRYPOINT ["ebpf-run"]
