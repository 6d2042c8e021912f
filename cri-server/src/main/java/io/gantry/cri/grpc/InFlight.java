package io.gantry.cri.grpc;

import io.grpc.Context;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Requests that make something of a name, while they are at work: an equal one joins the first and
 * gets its answer, another one of that name is refused. So a caller whose call timed out can ask
 * again without finding itself in its way; the work goes on whether its caller waits or not.
 * Thread-safe.
 *
 * @param <N> the name
 * @param <Q> what is asked for; compared by {@code equals}
 */
public final class InFlight<N, Q> {
  private final String kind;
  private final Map<N, Work<Q>> atWork = new ConcurrentHashMap<>();

  private record Work<Q>(Q request, CompletableFuture<String> id) {}

  /**
   * @param kind what has names: for messages
   */
  public InFlight(String kind) {
    this.kind = kind;
  }

  /** Makes what was asked for, and says its id. */
  @FunctionalInterface
  public interface Making {
    String make() throws IOException, InterruptedException;
  }

  /**
   * Does the work, or waits for the same work done for another call.
   *
   * @throws CriException ALREADY_EXISTS if another request is at work under this name, TIMED_OUT if
   *     the caller gives up waiting
   * @throws IOException as the work itself, for every caller that waits for it
   */
  public String run(N name, Q request, Making making) throws IOException, InterruptedException {
    Work<Q> mine = new Work<>(request, new CompletableFuture<>());
    Work<Q> first = atWork.putIfAbsent(name, mine);
    if (first != null) {
      return join(name, request, first);
    }
    try {
      String id = making.make();
      mine.id.complete(id);
      return id;
    } catch (IOException | InterruptedException | RuntimeException | Error failed) {
      mine.id.completeExceptionally(failed);
      throw failed;
    } finally {
      atWork.remove(name, mine);
    }
  }

  private String join(N name, Q request, Work<Q> work) throws IOException, InterruptedException {
    if (!work.request.equals(request)) {
      throw new CriException(
          Failure.ALREADY_EXISTS, kind + " " + name + " is being made from another configuration");
    }
    Context caller = Context.current();
    CompletableFuture<String> gaveUp = new CompletableFuture<>();
    Context.CancellationListener listener = cancelled -> gaveUp.complete("");
    caller.addListener(listener, Runnable::run);
    try {
      CompletableFuture.anyOf(work.id, gaveUp).get();
      if (!work.id.isDone()) {
        throw new CriException(Failure.TIMED_OUT, kind + " " + name + " is still being made");
      }
      return work.id.join();
    } catch (ExecutionException e) {
      // A new exception, with this caller's stack as well.
      if (e.getCause() instanceof CriException cri) {
        throw new CriException(cri.failure(), cri.getMessage(), cri);
      }
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } finally {
      caller.removeListener(listener);
    }
  }
}
