package io.gantry.cri.cni;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How the network is, asked so that who asks does not hang with a plugin or a directory that does:
 * a kubelet whose Status call does not end takes the node for dead. Thread-safe.
 */
final class Readiness {
  private final Callable<NetworkState> question;
  private final Duration patience;
  private Asking asking; // guarded by this; null before the first
  private volatile Optional<String> lastConfiguration = Optional.empty();

  private record Asking(CompletableFuture<NetworkState> answer, long sinceNanos) {
    Duration age() {
      return Duration.ofNanos(System.nanoTime() - sinceNanos);
    }
  }

  /**
   * @param question asks; may block
   * @param patience how long an answer is waited for, from the time of the question on
   */
  Readiness(Callable<NetworkState> question, Duration patience) {
    this.question = question;
    this.patience = patience;
  }

  /**
   * How the network is now. A question without answer is a problem as well; it comes with the
   * configuration that was known last.
   */
  NetworkState state() throws InterruptedException {
    Asking now = ask();
    try {
      long left = patience.minus(now.age()).toMillis();
      return now.answer.get(Math.max(0, left), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return unready(
          "whether the network is ready has been asked for %d s: a plugin's STATUS, or the directory of the network's configuration, does not answer"
              .formatted(now.age().toSeconds()));
    } catch (ExecutionException e) {
      return unready(e.getCause().toString());
    }
  }

  private NetworkState unready(String problem) {
    return new NetworkState(Optional.of(problem), lastConfiguration);
  }

  /** A question that is not answered yet is not asked again. */
  private synchronized Asking ask() {
    if (asking == null || asking.answer.isDone()) {
      CompletableFuture<NetworkState> answer = new CompletableFuture<>();
      asking = new Asking(answer, System.nanoTime());
      Thread thread = new Thread(() -> answer(answer), "cni-status");
      thread.setDaemon(true);
      thread.start();
    }
    return asking;
  }

  private void answer(CompletableFuture<NetworkState> answer) {
    try {
      NetworkState state = question.call();
      lastConfiguration = state.configuration();
      answer.complete(state);
    } catch (Exception | Error e) {
      answer.completeExceptionally(e);
    }
  }
}
