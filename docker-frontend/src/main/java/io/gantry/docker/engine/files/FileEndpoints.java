package io.gantry.docker.engine.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.Change;
import io.gantry.proto.v1.ChangesRequest;
import io.gantry.proto.v1.ExportLayerRequest;
import io.gantry.proto.v1.LayerArchiveChunk;
import io.gantry.proto.v1.LayerMount;
import io.gantry.proto.v1.PathStat;
import io.gantry.proto.v1.ReadArchiveRequest;
import io.gantry.proto.v1.StatRequest;
import io.gantry.proto.v1.WriteArchiveStart;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;

/** Archives, changes and exports of containers. Thread-safe. */
public final class FileEndpoints {
  private static final String STAT = "X-Docker-Container-Path-Stat";

  private final Runtime runtime;
  private final ContainerRecords containers;
  private final Channel channel;

  public FileEndpoints(Runtime runtime, ContainerRecords containers, Channel channel) {
    this.runtime = runtime;
    this.containers = containers;
    this.channel = channel;
  }

  public List<Route> routes() {
    return List.of(
        Route.head("/containers/{name}/archive", this::stat),
        Route.get("/containers/{name}/archive", this::read),
        Route.put("/containers/{name}/archive", this::write),
        Route.get("/containers/{name}/changes", this::changes),
        Route.get("/containers/{name}/export", this::export));
  }

  private DockerContainer container(Exchange exchange) throws EngineException {
    return containers.get(exchange.request().parameter("name"));
  }

  private static String path(Exchange exchange) throws EngineException {
    return exchange
        .request()
        .query()
        .given("path")
        .map(path -> path.startsWith("/") ? path : "/" + path)
        .orElseThrow(() -> EngineException.badRequest("missing parameter: path"));
  }

  /** What a container that does not run would have mounted. */
  private static List<LayerMount> mounts(DockerContainer container) {
    List<LayerMount> mounts = new ArrayList<>();
    for (JsonNode mount : container.mounts()) {
      String host = mount.path("HostPath").asText("");
      if (!host.isEmpty()) {
        mounts.add(
            LayerMount.newBuilder()
                .setContainerPath(mount.path("Destination").asText())
                .setHostPath(host)
                .setReadonly(!mount.path("RW").asBoolean(true))
                .build());
      }
    }
    return mounts;
  }

  private void stat(Exchange exchange) throws EngineException, IOException {
    DockerContainer container = container(exchange);
    String path = path(exchange);
    try {
      PathStat stat =
          runtime
              .layers()
              .stat(
                  StatRequest.newBuilder()
                      .setKey(container.id())
                      .setPath(path)
                      .addAllMounts(mounts(container))
                      .build());
      exchange.header(STAT, encoded(stat));
    } catch (StatusRuntimeException e) {
      throw missing(container, path, e);
    }
    exchange.answer(200);
  }

  private void read(Exchange exchange) throws EngineException, IOException {
    DockerContainer container = container(exchange);
    String path = path(exchange);
    Iterator<LayerArchiveChunk> chunks =
        runtime
            .layers()
            .readArchive(
                ReadArchiveRequest.newBuilder()
                    .setKey(container.id())
                    .setPath(path)
                    .addAllMounts(mounts(container))
                    .build());
    try {
      exchange.header(STAT, encoded(chunks.next().getStat()));
    } catch (StatusRuntimeException e) {
      throw missing(container, path, e);
    }
    pass(chunks, exchange, "application/x-tar");
  }

  private static void pass(
      Iterator<LayerArchiveChunk> chunks, Exchange exchange, String contentType)
      throws IOException {
    try (OutputStream out = exchange.stream(200, contentType)) {
      while (chunks.hasNext()) {
        chunks.next().getData().writeTo(out);
      }
    }
  }

  private static EngineException missing(
      DockerContainer container, String path, StatusRuntimeException failure) {
    if (failure.getStatus().getCode() != Status.Code.NOT_FOUND) {
      throw failure;
    }
    return EngineException.notFound(
        "Could not find the file " + path + " in container " + container.name());
  }

  private static String encoded(PathStat stat) {
    ObjectNode json = Json.object();
    json.put("name", stat.getName())
        .put("size", stat.getSizeBytes())
        .put("mode", GoMode.of(stat.getMode()))
        .put("mtime", GoMode.time(stat.getModifiedAtNanos()))
        .put("linkTarget", stat.getLinkTarget());
    return Base64.getEncoder().encodeToString(Json.bytes(json));
  }

  private void write(Exchange exchange) throws EngineException, IOException, InterruptedException {
    DockerContainer container = container(exchange);
    String path = path(exchange);
    boolean ownRoot =
        mounts(container).stream().noneMatch(mount -> isBelow(path, mount.getContainerPath()));
    if (ownRoot && container.hostConfig().path("ReadonlyRootfs").asBoolean(false)) {
      throw EngineException.forbidden("container rootfs is marked read-only");
    }
    WriteArchiveStart start =
        WriteArchiveStart.newBuilder()
            .setKey(container.id())
            .setPath(path)
            .addAllMounts(mounts(container))
            .setNoOverwriteDirNonDir(exchange.request().query().flag("noOverwriteDirNonDir"))
            .setCopyUidGid(exchange.request().query().flag("copyUIDGID"))
            .build();
    try {
      ArchiveUpload.send(channel, start, exchange.request().body());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getDescription() != null
          && e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION
          && e.getStatus().getDescription().endsWith("mounted read-only")) {
        throw EngineException.forbidden("mounted volume is marked read-only");
      }
      throw missing(container, path, e);
    }
    exchange.answer(200);
  }

  private static boolean isBelow(String path, String mount) {
    return path.equals(mount) || path.startsWith(mount.endsWith("/") ? mount : mount + "/");
  }

  private void changes(Exchange exchange) throws EngineException, IOException {
    Iterator<Change> changes =
        runtime
            .layers()
            .changes(ChangesRequest.newBuilder().setKey(container(exchange).id()).build());
    ArrayNode list = Json.array();
    while (changes.hasNext()) {
      Change change = changes.next();
      list.addObject().put("Path", change.getPath()).put("Kind", change.getKindValue());
    }
    exchange.answer(200, list);
  }

  private void export(Exchange exchange) throws EngineException, IOException {
    Iterator<LayerArchiveChunk> chunks =
        runtime
            .layers()
            .export(ExportLayerRequest.newBuilder().setKey(container(exchange).id()).build());
    // What is wrong is said before the answer begins.
    chunks.hasNext();
    pass(chunks, exchange, "application/octet-stream");
  }
}
