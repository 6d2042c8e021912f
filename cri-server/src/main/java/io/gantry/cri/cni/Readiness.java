package io.gantry.cri.cni;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the network is ready, asked so that who asks does not hang with a plugin or a directory
 * that does: a kubelet whose Status call does not end takes the node for dead. Thread-safe.
 */
final class Readiness {
  private final Callable<Optional<String>> question;
  private final Duration patience;
  private Asking asking; // guarded by this; null before the first

  private record Asking(CompletableFuture<Optional<String>> answer, long sinceNanos) {}

  /**
   * @param question asks for the problem, if there is one; may block
   * @param patience how long an answer is waited for
   */
  Readiness(Callable<Optional<String>> question, Duration patience) {
    this.question = question;
    this.patience = patience;
  }

  /**
   * Why no pod can be attached now; empty if one can. Also a question without answer is a reason.
   */
  Optional<String> problem() throws InterruptedException {
    Asking now = ask();
    try {
      return now.answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - now.sinceNanos);
      return Optional.of(
          "whether the network is ready has been asked for %d s: a plugin's STATUS, or the directory of the network's configuration, does not answer"
              .formatted(seconds));
    } catch (ExecutionException e) {
      return Optional.of(e.getCause().toString());
    }
  }

  /** A question that is not answered yet is not asked again. */
  private synchronized Asking ask() {
    if (asking == null || asking.answer.isDone()) {
      CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
      asking = new Asking(answer, System.nanoTime());
      Thread thread = new Thread(() -> answer(answer), "cni-status");
      thread.setDaemon(true);
      thread.start();
    }
    return asking;
  }

  private void answer(CompletableFuture<Optional<String>> answer) {
    try {
      answer.complete(question.call());
    } catch (Exception | Error e) {
      answer.completeExceptionally(e);
    }
  }
}
