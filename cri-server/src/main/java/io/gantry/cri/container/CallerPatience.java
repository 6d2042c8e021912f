package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits in real time, and no longer than the gRPC caller does. */
public final class CallerPatience implements Patience {

  @Override
  public boolean await(CompletableFuture<?> event, Duration limit) throws InterruptedException {
    Context caller = Context.current();
    CompletableFuture<Void> gaveUp = new CompletableFuture<>();
    Context.CancellationListener listener = cancelled -> gaveUp.complete(null);
    caller.addListener(listener, Runnable::run);
    try {
      CompletableFuture.anyOf(event, gaveUp).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException over) {
      return false;
    } catch (ExecutionException | CancellationException completed) {
      return true;
    } finally {
      caller.removeListener(listener);
    }
    if (!event.isDone()) {
      throw new CriException(Failure.TIMED_OUT, "the caller did not wait for the end");
    }
    return true;
  }
}
