package io.gantry.docker.engine.record;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One container: what it was asked to be, which never changes but by {@code update} and {@code
 * rename}, and how it stands. Its fields are read at any time and written by who holds its lock.
 */
public final class DockerContainer {
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final ReentrantLock lock = new ReentrantLock();
  private final String id;
  private final Instant created;
  private final ObjectNode document;
  private volatile Status status;
  private volatile Health health = Health.NONE;
  private volatile Instant lastStart = Instant.EPOCH;
  private volatile int failures;

  private DockerContainer(ObjectNode document) {
    this.document = document;
    this.id = document.path("Id").asText();
    this.created = Instant.parse(document.path("Created").asText());
    this.status = Status.of(document.path("Status").asText());
  }

  /** A container that was just asked for. */
  public static DockerContainer create(
      String id, String name, Instant created, ObjectNode config, ObjectNode hostConfig) {
    ObjectNode document = Json.object();
    document
        .put("Id", id)
        .put("Name", name)
        .put("Created", created.toString())
        .put("Status", Status.CREATED.toString());
    document.set("Config", config);
    document.set("HostConfig", hostConfig);
    document.putObject("Networks");
    document.putArray("Mounts");
    return new DockerContainer(document);
  }

  /** Reads what {@link #toDocument} gave. */
  static DockerContainer read(ObjectNode document) {
    return new DockerContainer(document);
  }

  synchronized ObjectNode toDocument() {
    document.put("Status", status.toString());
    return document.deepCopy();
  }

  /** Held by who changes it. */
  public ReentrantLock lock() {
    return lock;
  }

  public String id() {
    return id;
  }

  public String shortId() {
    return id.substring(0, 12);
  }

  /** Without a slash. */
  public String name() {
    return text("Name");
  }

  public void setName(String name) {
    put("Name", name);
  }

  public Instant created() {
    return created;
  }

  public Status status() {
    return status;
  }

  public void setStatus(Status now) {
    status = now;
  }

  /** As it was asked for, with what the image says. A copy. */
  public synchronized ObjectNode config() {
    return ((ObjectNode) document.path("Config")).deepCopy();
  }

  /** A copy. */
  public synchronized ObjectNode hostConfig() {
    return ((ObjectNode) document.path("HostConfig")).deepCopy();
  }

  public synchronized void setHostConfig(ObjectNode hostConfig) {
    document.set("HostConfig", hostConfig);
  }

  public Map<String, String> labels() {
    return Json.mapOf(config().path("Labels"));
  }

  /** As it was named by who made the container. */
  public String image() {
    return config().path("Image").asText();
  }

  public String imageId() {
    return text("ImageId");
  }

  public void setImageId(String imageId) {
    put("ImageId", imageId);
  }

  /** By name of the network: the API's EndpointSettings. A copy. */
  public synchronized ObjectNode networks() {
    return ((ObjectNode) document.path("Networks")).deepCopy();
  }

  public synchronized void setNetworks(ObjectNode networks) {
    document.set("Networks", networks);
  }

  /** Published ports as they came out, in the form of the API's PortMap. A copy. */
  public synchronized ObjectNode ports() {
    return document.path("Ports").isObject()
        ? ((ObjectNode) document.path("Ports")).deepCopy()
        : Json.object();
  }

  public synchronized void setPorts(ObjectNode ports) {
    document.set("Ports", ports);
  }

  /** The API's MountPoints. A copy. */
  public synchronized ArrayNode mounts() {
    return ((ArrayNode) document.path("Mounts")).deepCopy();
  }

  public synchronized void setMounts(ArrayNode mounts) {
    document.set("Mounts", mounts);
  }

  /** Names of the volumes that were made for this container alone. */
  public List<String> anonymousVolumes() {
    List<String> names = new ArrayList<>();
    mounts()
        .forEach(
            mount -> {
              if (mount.path("Anonymous").asBoolean()) {
                names.add(mount.path("Name").asText());
              }
            });
    return names;
  }

  /** Of the pod it runs in, or ran in; "" for none. */
  public String podId() {
    return text("PodId");
  }

  public void setPodId(String podId) {
    put("PodId", podId);
  }

  /** Whether the pod was made for this container, and goes with it. */
  public boolean ownsPod() {
    return flag("OwnsPod");
  }

  public void setOwnsPod(boolean owns) {
    put("OwnsPod", owns);
  }

  /** Its id at the runtime; "" for none. */
  public String runtimeId() {
    return text("RuntimeId");
  }

  public void setRuntimeId(String runtimeId) {
    put("RuntimeId", runtimeId);
  }

  public synchronized int pid() {
    return document.path("Pid").asInt();
  }

  public synchronized void setPid(int pid) {
    document.put("Pid", pid);
  }

  /** The API's time of the last start. */
  public String startedAt() {
    String time = text("StartedAt");
    return time.isEmpty() ? NEVER : time;
  }

  public void setStartedAt(Instant time) {
    lastStart = time;
    put("StartedAt", time.toString());
  }

  /** When it was last started; long ago if it never was. */
  public Instant lastStart() {
    String time = text("StartedAt");
    return time.isEmpty() ? lastStart : Instant.parse(time);
  }

  public String finishedAt() {
    String time = text("FinishedAt");
    return time.isEmpty() ? NEVER : time;
  }

  public void setFinishedAt(Instant time) {
    put("FinishedAt", time.toString());
  }

  public synchronized int exitCode() {
    return document.path("ExitCode").asInt();
  }

  public synchronized void setExitCode(int code) {
    document.put("ExitCode", code);
  }

  public boolean isOomKilled() {
    return flag("OomKilled");
  }

  public void setOomKilled(boolean killed) {
    put("OomKilled", killed);
  }

  /** Why it could not be started; "" if it could. */
  public String error() {
    return text("Error");
  }

  public void setError(String error) {
    put("Error", error);
  }

  /** Of the restarts by its policy. */
  public synchronized int restartCount() {
    return document.path("RestartCount").asInt();
  }

  public synchronized void setRestartCount(int count) {
    document.put("RestartCount", count);
  }

  /** Starts in all: pods of one container have different names. */
  public synchronized int nextAttempt() {
    int next = document.path("Attempt").asInt() + 1;
    document.put("Attempt", next);
    return next;
  }

  /** Whether somebody asked it to stop: policies that heed that leave it so. */
  public boolean isStoppedByHand() {
    return flag("StoppedByHand");
  }

  public void setStoppedByHand(boolean stopped) {
    put("StoppedByHand", stopped);
  }

  /** Ends in a row, none of which came after a long run. */
  public int failures() {
    return failures;
  }

  public void setFailures(int count) {
    failures = count;
  }

  public Health health() {
    return health;
  }

  public void setHealth(Health now) {
    health = now;
  }

  private synchronized String text(String field) {
    return document.path(field).asText();
  }

  private synchronized boolean flag(String field) {
    return document.path(field).asBoolean();
  }

  private synchronized void put(String field, String value) {
    document.put(field, value);
  }

  private synchronized void put(String field, boolean value) {
    document.put(field, value);
  }
}
