package io.gantry.docker.engine.container;

import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.docker.engine.stream.Conversation;
import io.gantry.proto.v1.AttachStart;
import io.gantry.proto.v1.ProcessInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Clients that are at containers' streams, or wait to be: those of a container that was not started
 * yet are connected by the start, before its first output.
 */
final class Attachments {
  private final Runtime runtime;
  private final Map<String, List<Attachment>> waiting = new HashMap<>();
  private final Map<String, List<Conversation>> live = new HashMap<>();
  private final Map<String, int[]> sizes = new HashMap<>();

  Attachments(Runtime runtime) {
    this.runtime = runtime;
  }

  /** What one client wants. */
  record Attachment(
      boolean stdin,
      boolean stdout,
      boolean stderr,
      Conversation.Sink sink,
      CompletableFuture<Conversation> conversation) {}

  /** Connects to a container that runs. */
  Conversation connect(String id, String runtimeId, Attachment wanted) throws InterruptedException {
    AttachStart start =
        AttachStart.newBuilder()
            .setContainerId(runtimeId)
            .setStdin(wanted.stdin())
            .setStdout(wanted.stdout())
            .setStderr(wanted.stderr())
            .build();
    Conversation conversation =
        Conversation.begin(
            answers -> runtime.processes().attach(answers),
            ProcessInput.newBuilder().setAttach(start).build(),
            wanted.sink());
    synchronized (this) {
      live.computeIfAbsent(id, any -> new ArrayList<>()).add(conversation);
    }
    conversation.awaitStart();
    return conversation;
  }

  /** Has a client connected by the next start. */
  synchronized void await(String id, Attachment wanted) {
    waiting.computeIfAbsent(id, any -> new ArrayList<>()).add(wanted);
  }

  /** No longer waits. */
  synchronized void giveUp(String id, Attachment wanted) {
    waiting.getOrDefault(id, new ArrayList<>()).remove(wanted);
  }

  /** Connects all who wait. */
  void connectWaiting(String id, String runtimeId) throws InterruptedException {
    List<Attachment> all;
    int[] size;
    synchronized (this) {
      all = waiting.remove(id);
      size = sizes.remove(id);
    }
    for (Attachment wanted : all == null ? List.<Attachment>of() : all) {
      try {
        Conversation conversation = connect(id, runtimeId, wanted);
        if (size != null) {
          conversation.resize(size[0], size[1]);
        }
        wanted.conversation().complete(conversation);
      } catch (RuntimeException e) {
        wanted.conversation().completeExceptionally(e);
      }
    }
  }

  /** Tells those who wait that there will be nothing. */
  void fail(String id, Throwable reason) {
    List<Attachment> all;
    synchronized (this) {
      all = waiting.remove(id);
    }
    if (all != null) {
      all.forEach(wanted -> wanted.conversation().completeExceptionally(reason));
    }
  }

  /** Forgets one that has ended. */
  synchronized void ended(String id, Conversation conversation) {
    List<Conversation> all = live.get(id);
    if (all != null) {
      all.remove(conversation);
    }
  }

  /** Gives what a container has written last some time to reach its clients. */
  void drain(String id, long seconds) throws InterruptedException {
    List<Conversation> all;
    synchronized (this) {
      all = List.copyOf(live.getOrDefault(id, List.of()));
      live.remove(id);
    }
    for (Conversation conversation : all) {
      conversation.awaitEnd(seconds);
    }
  }

  /**
   * Tells a container's terminal its size; without anybody at it, the next one tells.
   *
   * @param runtimeId "" if it does not run
   */
  void resize(String id, String runtimeId, int height, int width) throws InterruptedException {
    Conversation one = null;
    synchronized (this) {
      List<Conversation> all = live.getOrDefault(id, List.of());
      if (!all.isEmpty()) {
        one = all.get(0);
      } else if (runtimeId.isEmpty()) {
        sizes.put(id, new int[] {height, width});
        return;
      }
    }
    if (one != null) {
      one.resize(height, width);
      return;
    }
    Conversation passing =
        connect(
            id,
            runtimeId,
            new Attachment(false, false, false, (stream, bytes) -> {}, new CompletableFuture<>()));
    passing.resize(height, width);
    passing.cancel();
    ended(id, passing);
  }
}
