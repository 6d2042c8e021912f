package io.gantry.image.distribution.cache;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The blobs on their way from the other registry, some at a time. Thread-safe. */
final class Arrivals {

  private static final Logger log = LoggerFactory.getLogger(Arrivals.class);

  /** So many at a time; others wait for their turn. */
  private static final int AT_A_TIME = 8;

  /** Opens the other registry's repository. */
  interface Remote {
    RemoteRepository open() throws IOException;
  }

  private record Key(RepositoryName repository, Digest digest) {}

  private final Path directory;
  private final ContentStore content;
  private final Cancellation closing;
  private final AtomicLong next = new AtomicLong();
  private final ExecutorService threads;
  // Guarded by itself.
  private final Map<Key, Arrival> underWay = new HashMap<>();

  Arrivals(Path directory, ContentStore content, Cancellation closing) throws IOException {
    this.directory = directory;
    this.content = content;
    this.closing = closing;
    Files.createDirectories(directory);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
    AtomicLong count = new AtomicLong();
    this.threads =
        Executors.newFixedThreadPool(
            AT_A_TIME,
            task -> {
              Thread thread = new Thread(task, "registry-upstream-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Begins the blob's arrival at that repository, or joins it.
   *
   * @param first where the caller begins to read
   */
  Follower follow(Repository repository, Descriptor blob, long first, Remote remote)
      throws IOException {
    Key key = new Key(repository.name(), blob.digest());
    synchronized (underWay) {
      Arrival known = underWay.get(key);
      if (known != null) {
        return known.follow(first);
      }
      Arrival begun = Arrival.begin(directory.resolve(Long.toString(next.getAndIncrement())), blob);
      underWay.put(key, begun);
      Follower follower = begun.follow(first);
      threads.execute(() -> fetch(key, begun, repository, remote));
      return follower;
    }
  }

  private void fetch(Key key, Arrival arrival, Repository repository, Remote remote) {
    try {
      keep(key, arrival, repository, remote);
    } catch (IOException | RuntimeException e) {
      log.atWarn()
          .addKeyValue("repository", key.repository())
          .addKeyValue("blob", key.digest())
          .addKeyValue("error", e.getMessage())
          .log("a blob could not be fetched from the upstream registry");
      forget(key);
      giveUp(arrival, e);
    }
  }

  private void keep(Key key, Arrival arrival, Repository repository, Remote remote)
      throws IOException {
    remote.open().stream(arrival.blob(), arrival, closing);
    content
        .claims()
        .holding(
            key.digest(),
            () -> {
              content.adopt(arrival.file(), key.digest());
              repository.addBlob(key.digest());
              return null;
            });
    // Nobody joins from here on; who has joined reads to the end.
    forget(key);
    arrival.succeed();
  }

  private static void giveUp(Arrival arrival, Exception cause) {
    try {
      arrival.fail(cause.getMessage());
    } catch (IOException e) {
      // What is left of it is deleted at the next start.
      log.atWarn().addKeyValue("error", e.getMessage()).log("a broken blob could not be deleted");
    }
  }

  private void forget(Key key) {
    synchronized (underWay) {
      underWay.remove(key);
    }
  }

  void close() {
    threads.shutdownNow();
  }
}
