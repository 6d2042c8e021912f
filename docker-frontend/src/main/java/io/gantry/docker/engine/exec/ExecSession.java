package io.gantry.docker.engine.exec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.stream.Conversation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One further process: what it is to be, and how it stands. */
final class ExecSession {
  private final String id;
  private final String containerId;
  private final List<String> command;
  private final List<String> environment;
  private final String user;
  private final String directory;
  private final boolean privileged;
  private final boolean terminal;
  private final boolean stdin;
  private final boolean stdout;
  private final boolean stderr;
  private final String detachKeys;
  private State state = State.CREATED;
  private Conversation conversation;
  private int exitCode;
  private int pid;
  private int[] size = {0, 0};
  private Instant ended = Instant.MAX;

  /** How far it has come. */
  enum State {
    CREATED,
    RUNNING,
    ENDED
  }

  ExecSession(String id, String containerId, com.fasterxml.jackson.databind.JsonNode asked) {
    this.id = id;
    this.containerId = containerId;
    this.command = Json.listOf(asked.path("Cmd"));
    this.environment = Json.listOf(asked.path("Env"));
    this.user = asked.path("User").asText("");
    this.directory = asked.path("WorkingDir").asText("");
    this.privileged = asked.path("Privileged").asBoolean();
    this.terminal = asked.path("Tty").asBoolean();
    this.stdin = asked.path("AttachStdin").asBoolean();
    this.stdout = asked.path("AttachStdout").asBoolean();
    this.stderr = asked.path("AttachStderr").asBoolean();
    this.detachKeys = asked.path("DetachKeys").asText("");
    if (asked.path("ConsoleSize").isArray() && asked.path("ConsoleSize").size() == 2) {
      size =
          new int[] {
            asked.path("ConsoleSize").get(0).asInt(), asked.path("ConsoleSize").get(1).asInt()
          };
    }
  }

  String id() {
    return id;
  }

  String containerId() {
    return containerId;
  }

  List<String> command() {
    return command;
  }

  List<String> environment() {
    return environment;
  }

  String user() {
    return user;
  }

  String directory() {
    return directory;
  }

  boolean privileged() {
    return privileged;
  }

  boolean terminal() {
    return terminal;
  }

  boolean stdin() {
    return stdin;
  }

  boolean stdout() {
    return stdout;
  }

  boolean stderr() {
    return stderr;
  }

  String detachKeys() {
    return detachKeys;
  }

  synchronized State state() {
    return state;
  }

  /** Claims the one start; false if it has been started before. */
  synchronized boolean begin() {
    if (state != State.CREATED) {
      return false;
    }
    state = State.RUNNING;
    return true;
  }

  synchronized void talks(Conversation with, int itsPid) {
    conversation = with;
    pid = itsPid;
  }

  synchronized void end(int code, Instant when) {
    state = State.ENDED;
    exitCode = code;
    ended = when;
    conversation = null;
  }

  synchronized boolean endedBefore(Instant time) {
    return ended.isBefore(time);
  }

  synchronized void resize(int height, int width) {
    size = new int[] {height, width};
    if (conversation != null) {
      conversation.resize(height, width);
    }
  }

  /** Height and width, if anybody has said them. */
  synchronized Optional<int[]> size() {
    return size[0] > 0 && size[1] > 0 ? Optional.of(size.clone()) : Optional.empty();
  }

  /** As /exec/ID/json shows it. */
  synchronized ObjectNode view() {
    ObjectNode view = Json.object();
    view.put("ID", id).put("Running", state == State.RUNNING);
    if (state == State.ENDED) {
      view.put("ExitCode", exitCode);
    } else {
      view.putNull("ExitCode");
    }
    ObjectNode process = view.putObject("ProcessConfig");
    process.put("tty", terminal).put("entrypoint", command.get(0));
    process.set("arguments", Json.texts(command.subList(1, command.size())));
    process.put("privileged", privileged);
    if (!user.isEmpty()) {
      process.put("user", user);
    }
    return view.put("OpenStdin", stdin)
        .put("OpenStderr", stderr)
        .put("OpenStdout", stdout)
        .put("CanRemove", state == State.ENDED)
        .put("ContainerID", containerId)
        .put("DetachKeys", detachKeys)
        .put("Pid", pid);
  }
}
