package io.gantry.cri.operation;

import com.google.protobuf.MessageLite;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All requests in flight. Thread-safe. */
public final class Operations {
  private static final Logger log = LoggerFactory.getLogger(Operations.class);

  /** A kubelet's own patience is 2 minutes; who looks at the log should hear well before. */
  static final Duration USUAL = Duration.ofSeconds(20);

  /** Those that take as long as the caller, a program or a registry says. */
  static final Duration LONG = Duration.ofMinutes(5);

  private static final Set<String> LONG_METHODS =
      Set.of(
          "ExecSync",
          "StopContainer",
          "StopPodSandbox",
          "PullImage",
          "CheckpointContainer",
          "CheckpointPod",
          "RestorePod",
          "Pull",
          "Push",
          "Export",
          "Import",
          "ImportRootFilesystem",
          "Check",
          "Build");

  /**
   * These live as long as their caller, or a container. By full names: the CRI has an Exec, too.
   */
  private static final Set<String> ENDLESS =
      Set.of(
          "runtime.v1.RuntimeService/GetContainerEvents",
          "gantry.v1.Containers/Wait",
          "gantry.v1.Containers/Exec",
          "gantry.v1.Containers/Attach");

  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, Operation> inFlight = new ConcurrentHashMap<>();

  /** Adds an operation, which the caller closes when it has ended. */
  public Operation begin(String method, MessageLite request) {
    Operation operation =
        new Operation(this, numbers.incrementAndGet(), method, request, patience(method));
    inFlight.put(operation.number(), operation);
    return operation;
  }

  private static Duration patience(String method) {
    if (ENDLESS.contains(method)) {
      return Duration.ofNanos(Long.MAX_VALUE);
    }
    String name = method.substring(method.lastIndexOf('/') + 1);
    return LONG_METHODS.contains(name) ? LONG : USUAL;
  }

  void ended(Operation operation) {
    inFlight.remove(operation.number());
  }

  /** Those that have not ended, oldest first. */
  public List<Operation> inFlight() {
    return inFlight.values().stream().sorted(Comparator.comparing(Operation::number)).toList();
  }

  /** Logs each operation that takes unusually long, once. To be called every now and then. */
  public void reportSlow() {
    for (Operation operation : inFlight()) {
      if (operation.turnsSlow()) {
        log.atWarn()
            .addKeyValue("rpc", operation.number())
            .addKeyValue("method", operation.method())
            .addKeyValue("subject", operation.subject())
            .addKeyValue("phase", operation.phase())
            .addKeyValue("age", operation.age().toSeconds() + "s")
            .log("operation takes long");
      }
    }
  }
}
