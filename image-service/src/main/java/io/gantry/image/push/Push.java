package io.gantry.image.push;

import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.Document;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.PushRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * One push. What the registry has is not sent again, and what another of its repositories has it is
 * asked to take from there. The tag moves last, so a push that breaks off changes nothing that
 * anybody sees.
 */
public final class Push {

  private static final int MOUNT_ATTEMPTS = 2;

  /**
   * Where and how.
   *
   * @param tag that the image gets there
   * @param mountable repositories of the same registry that have a blob, as far as is known
   * @param uploads at a time
   */
  public record Destination(
      PushRepository repository, String tag, Map<Digest, List<String>> mountable, int uploads) {
    public Destination {
      mountable = Map.copyOf(mountable);
    }
  }

  private final ContentStore content;
  private final Executor threads;
  private final Destination destination;
  private final PushListener listener;
  private final Cancellation cancellation;

  /**
   * @param threads runs the uploads
   */
  public Push(
      ContentStore content,
      Executor threads,
      Destination destination,
      PushListener listener,
      Cancellation cancellation) {
    this.content = content;
    this.threads = threads;
    this.destination = destination;
    this.listener = listener;
    this.cancellation = cancellation;
  }

  /**
   * Sends what is planned, which must be kept here meanwhile.
   *
   * @return whether anything had to be sent
   */
  public boolean run(PushPlan plan) throws IOException {
    Digest top = plan.top().descriptor().digest();
    PushRepository repository = destination.repository();
    if (repository.manifest(destination.tag(), cancellation).filter(top::equals).isPresent()) {
      plan.blobs().forEach(blob -> tell(blob, PushListener.Phase.ALREADY_THERE, blob.sizeBytes()));
      return false;
    }
    plan.blobs().forEach(blob -> tell(blob, PushListener.Phase.WAITING, 0));
    blobs(plan.blobs());
    for (Document document : plan.documents()) {
      Descriptor descriptor = document.descriptor();
      String digest = descriptor.digest().toString();
      if (descriptor.digest().equals(top)) {
        repository.put(destination.tag(), descriptor, document.bytes(), cancellation);
      } else if (repository.manifest(digest, cancellation).isEmpty()) {
        repository.put(digest, descriptor, document.bytes(), cancellation);
      }
    }
    return true;
  }

  private void tell(Descriptor blob, PushListener.Phase phase, long currentBytes) {
    listener.blob(blob, phase, currentBytes, Optional.empty());
  }

  /** Some at a time; the first failure ends all. */
  private void blobs(List<Descriptor> blobs) throws IOException {
    Cancellation all = new Cancellation();
    Iterator<Descriptor> left = blobs.iterator();
    List<CompletableFuture<Void>> senders = new ArrayList<>();
    int count = Math.min(destination.uploads(), blobs.size());
    for (int i = 0; i < count; i++) {
      senders.add(CompletableFuture.runAsync(() -> send(left, all), threads));
    }
    CompletableFuture<Void> done =
        CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new));
    try {
      cancellation.wait(all::cancel, done::join);
    } catch (CompletionException e) {
      throw first(senders).orElseGet(() -> new IOException(e.getCause()));
    }
  }

  /** The failure that ended the others, which were told to stop. */
  private static Optional<IOException> first(List<CompletableFuture<Void>> senders) {
    Optional<IOException> found = Optional.empty();
    for (CompletableFuture<Void> sender : senders) {
      Throwable failure = sender.handle((done, failed) -> failed).join();
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      if (cause instanceof Failed failed
          && (found.isEmpty() || !isCancelled(failed.cause) && isCancelled(found.get()))) {
        found = Optional.of(failed.cause);
      }
    }
    return found;
  }

  private static boolean isCancelled(IOException e) {
    return e instanceof ImageException known && known.kind() == ImageException.Kind.CANCELLED;
  }

  /** Carries a failure out of a task. */
  private static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient IOException cause;

    Failed(IOException cause) {
      super(cause);
      this.cause = cause;
    }
  }

  private void send(Iterator<Descriptor> left, Cancellation all) {
    Optional<Descriptor> blob = next(left);
    while (blob.isPresent()) {
      try {
        all.check();
        send(blob.get(), all);
      } catch (IOException e) {
        all.cancel();
        throw new Failed(e);
      }
      blob = next(left);
    }
  }

  private static Optional<Descriptor> next(Iterator<Descriptor> left) {
    synchronized (left) {
      return left.hasNext() ? Optional.of(left.next()) : Optional.empty();
    }
  }

  private void send(Descriptor blob, Cancellation all) throws IOException {
    PushRepository repository = destination.repository();
    if (repository.hasBlob(blob.digest(), all)) {
      tell(blob, PushListener.Phase.ALREADY_THERE, blob.sizeBytes());
      return;
    }
    Optional<URI> begun = Optional.empty();
    List<String> others = destination.mountable().getOrDefault(blob.digest(), List.of());
    for (String other : others.subList(0, Math.min(MOUNT_ATTEMPTS, others.size()))) {
      PushRepository.Mount mount = repository.mount(blob.digest(), other, all);
      if (mount instanceof PushRepository.Mount.Done) {
        listener.blob(blob, PushListener.Phase.MOUNTED, blob.sizeBytes(), Optional.of(other));
        return;
      }
      begun = Optional.of(((PushRepository.Mount.Upload) mount).location());
    }
    if (!content.has(blob.digest())) {
      throw new ImageException(STORAGE, "blob " + blob.digest() + " is not here any more");
    }
    tell(blob, PushListener.Phase.UPLOADING, 0);
    repository.upload(
        blob,
        () -> content.openChannel(blob.digest()),
        begun,
        there -> tell(blob, PushListener.Phase.UPLOADING, there),
        all);
    tell(blob, PushListener.Phase.UPLOADED, blob.sizeBytes());
  }
}
