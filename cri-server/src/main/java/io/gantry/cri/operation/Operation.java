package io.gantry.cri.operation;

import com.google.protobuf.MessageLite;
import io.grpc.Context;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request being served. Work below it says what it is at by {@link Phase}, wherever it is: the
 * operation travels with gRPC's context. Thread-safe.
 */
public final class Operation implements AutoCloseable {
  static final Context.Key<Operation> CURRENT = Context.key("operation");

  private final Operations registry;
  private final long number;
  private final String method;
  private final MessageLite request;
  private final Duration patience;
  private final long beganNanos = System.nanoTime();
  private final AtomicBoolean toldSlow = new AtomicBoolean();
  private volatile String phase = "";

  Operation(
      Operations registry, long number, String method, MessageLite request, Duration patience) {
    this.registry = registry;
    this.number = number;
    this.method = Objects.requireNonNull(method);
    this.request = Objects.requireNonNull(request);
    this.patience = patience;
  }

  void enter(String newPhase) {
    phase = newPhase;
  }

  /** The context in which work belongs to this operation. */
  public Context context() {
    return Context.current().withValue(CURRENT, this);
  }

  /** As log lines call it. */
  public long number() {
    return number;
  }

  /** The RPC's full name, {@code runtime.v1.RuntimeService/RunPodSandbox}. */
  public String method() {
    return method;
  }

  /** What the request names: an id, an image, a name; empty if nothing. */
  public String subject() {
    return RequestSubject.of(request);
  }

  /** What it is at; empty if it has not said. */
  public String phase() {
    return phase;
  }

  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  /** True once, when it takes longer than its kind usually does. */
  boolean turnsSlow() {
    return age().compareTo(patience) > 0 && toldSlow.compareAndSet(false, true);
  }

  /** It has ended. */
  @Override
  public void close() {
    registry.ended(this);
  }
}
