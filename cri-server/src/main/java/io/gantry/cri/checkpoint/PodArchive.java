package io.gantry.cri.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.checkpoint.PodManifest.Saved;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The form of a pod's checkpoint: a directory of the caller's with
 *
 * <ul>
 *   <li>{@code containers/ID/}: what a container's archive would hold
 *   <li>{@code devshm-checkpoint.tar}: the content of /dev/shm, if the pod has one of its own
 *   <li>{@code pod.dump}: the manifest, written last. What lacks it is no checkpoint
 * </ul>
 */
final class PodArchive {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int VERSION = 1;
  private static final long MANIFEST_LIMIT_BYTES = 16 << 20;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private static final String CONTAINERS = "containers";
  private static final String SHARED_MEMORY = "devshm-checkpoint.tar";
  private static final String MANIFEST = "pod.dump";
  private static final String PARTIAL_MANIFEST = ".pod.dump.partial";

  private final Path directory;

  PodArchive(Path directory) {
    this.directory = directory;
  }

  /**
   * Claims an empty directory.
   *
   * @throws CriException INVALID_REQUEST if another request has claimed it
   */
  void claim() throws IOException {
    try {
      Files.createDirectory(directory.resolve(CONTAINERS), Workspaces.PRIVATE);
    } catch (FileAlreadyExistsException e) {
      throw CriException.invalid("output path " + directory + " is not empty");
    }
  }

  Path container(String id) {
    return directory.resolve(CONTAINERS).resolve(id);
  }

  Path sharedMemory() {
    return directory.resolve(SHARED_MEMORY);
  }

  /** Removes all that a checkpoint consists of, and leaves alone what else is there. */
  void clear() throws IOException {
    Files.deleteIfExists(directory.resolve(MANIFEST));
    Files.deleteIfExists(directory.resolve(PARTIAL_MANIFEST));
    Files.deleteIfExists(sharedMemory());
    Workspaces.delete(directory.resolve(CONTAINERS));
  }

  /** Makes a checkpoint of what was saved. Durable on return. */
  void finish(PodManifest manifest, Instant now, TimeLimit limit) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.toList();
    }
    for (Path path : all) {
      limit.left();
      sync(path);
    }
    Path partial = directory.resolve(PARTIAL_MANIFEST);
    Files.createFile(partial, Archive.PRIVATE);
    Files.writeString(partial, document(manifest, now).toPrettyString());
    sync(partial);
    limit.left();
    Files.move(partial, directory.resolve(MANIFEST), StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
  }

  private static ObjectNode document(PodManifest manifest, Instant now) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document
        .put("version", VERSION)
        .put("runtime", "gantry")
        .put("id", manifest.podId())
        .put("checkpointedTime", now.toString())
        .put("sharedMemory", manifest.sharedMemory())
        .set("config", ProtoJson.print(manifest.config()));
    for (Saved saved : manifest.containers()) {
      document
          .withArray("containers")
          .addObject()
          .put("id", saved.id())
          .put("image", saved.imageId())
          .set("config", ProtoJson.print(saved.config()));
    }
    return document;
  }

  /**
   * Reads the manifest of a checkpoint that anybody may have written.
   *
   * @throws CriException INVALID_REQUEST if it is none, or of another kind
   */
  PodManifest read() throws IOException {
    Path file = directory.resolve(MANIFEST);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) > MANIFEST_LIMIT_BYTES) {
      throw CriException.invalid(
          "checkpoint path %s: it holds no checkpoint of a pod: it has no %s"
              .formatted(directory, MANIFEST));
    }
    try {
      return parse(JSON.readTree(Files.readAllBytes(file)));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw malformed("it is no JSON");
    }
  }

  private PodManifest parse(JsonNode document) throws IOException {
    if (document.path("version").asInt() != VERSION
        || !document.path("runtime").asText().equals("gantry")) {
      throw malformed("it is of another runtime or version");
    }
    List<Saved> containers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonNode one : document.path("containers")) {
      Saved saved =
          new Saved(
              one.path("id").asText(),
              one.path("image").asText(),
              ProtoJson.parse(one.path("config"), ContainerConfig.getDefaultInstance()));
      // It becomes a part of a path.
      if (!ID.matcher(saved.id()).matches() || !names.add(saved.name())) {
        throw malformed("a container has no valid id, or a name that another has");
      }
      containers.add(saved);
    }
    return new PodManifest(
        document.path("id").asText(),
        ProtoJson.parse(document.path("config"), PodSandboxConfig.getDefaultInstance()),
        document.path("sharedMemory").asBoolean(),
        containers);
  }

  private CriException malformed(String why) {
    return CriException.invalid("checkpoint path %s: %s: %s".formatted(directory, MANIFEST, why));
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      file.force(true);
    }
  }
}
