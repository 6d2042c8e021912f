package io.gantry.image.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedWorkTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch cleared = new CountDownLatch(1);
  private final SharedWork<String, Integer> work = new SharedWork<>(threads, cleared::countDown);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger runs = new AtomicInteger();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private Integer once(Cancellation cancellation) throws Exception {
    int run = runs.incrementAndGet();
    cancellation.wait(go::countDown, () -> go.await(10, TimeUnit.SECONDS));
    cancellation.check();
    return run;
  }

  @Test
  void join_runsOnceForAllWhoAskMeanwhile() throws Exception {
    CompletableFuture<Integer> one = work.join("k", this::once);
    CompletableFuture<Integer> two = work.join("k", this::once);
    go.countDown();
    assertEquals(1, one.get(10, TimeUnit.SECONDS));
    assertEquals(1, two.get(10, TimeUnit.SECONDS));
    assertEquals(2, work.join("k", this::once).get(10, TimeUnit.SECONDS));
  }

  @Test
  void cancel_leavesTheOthersAlone() throws Exception {
    CompletableFuture<Integer> one = work.join("k", this::once);
    CompletableFuture<Integer> two = work.join("k", this::once);
    one.cancel(true);
    go.countDown();
    assertEquals(1, two.get(10, TimeUnit.SECONDS));
    assertEquals(1, cleared.getCount());
  }

  @Test
  void cancel_ofTheLastStopsTheWork() throws Exception {
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Integer> only =
        work.join(
            "k",
            cancellation -> {
              begun.countDown();
              try {
                cancellation.pause(Duration.ofSeconds(30));
                stopped.complete(false);
              } catch (java.io.IOException e) {
                stopped.complete(true);
                throw e;
              }
              return 0;
            });
    assertTrue(begun.await(10, TimeUnit.SECONDS));
    only.cancel(true);
    assertTrue(stopped.get(10, TimeUnit.SECONDS));
    assertTrue(cleared.await(10, TimeUnit.SECONDS), "told that it has ended");
  }

  @Test
  void failure_reachesAllWhoAsked() {
    CompletableFuture<Integer> one =
        work.join(
            "k",
            cancellation -> {
              go.await();
              throw new IllegalStateException("no");
            });
    CompletableFuture<Integer> two = work.join("k", this::once);
    go.countDown();
    assertThrows(CompletionException.class, one::join);
    assertThrows(CompletionException.class, two::join);
    assertEquals(0, runs.get());
    assertFalse(work.join("k", this::once).isCompletedExceptionally());
  }
}
