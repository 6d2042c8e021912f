package io.gantry.image;

import io.gantry.image.failure.ImageException;
import io.gantry.image.snapshot.Snapshots;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The images of this node. Safe for use by many threads.
 *
 * <p>Wherever an image is asked for by name, the name may be a reference ({@code busybox}, {@code
 * host/repo:tag}, {@code host/repo@sha256:…}) or an image id: whole, with or without {@code
 * sha256:}, or its first 3 or more hexadecimal digits if they fit one image only.
 */
public interface Images extends AutoCloseable {

  /**
   * Begins to pull an image, or joins the pull under way for an equal request. Cancelling the
   * answer detaches this caller only; the work stops once nobody waits for it.
   *
   * @return completes with the record, or with an {@link ImageException}
   */
  CompletableFuture<ImageRecord> pull(PullRequest request);

  /** The image of that name, if it is here. A name that is no reference at all finds nothing. */
  Optional<ImageRecord> find(String nameOrId);

  /** All images, in no order. */
  List<ImageRecord> list();

  /**
   * Removes the image with all its names, and at once the content that no other image, pull or
   * container needs. Removing what is not here succeeds.
   */
  void remove(String nameOrId) throws IOException;

  /** What images and containers take on disk now. */
  ImagesUsage usage() throws IOException;

  /** The root filesystems of containers. */
  Snapshots snapshots();

  /** Stops pulls that are under way and lets go of threads and connections. */
  @Override
  void close();
}
