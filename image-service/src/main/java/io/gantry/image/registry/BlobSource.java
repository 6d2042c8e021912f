package io.gantry.image.registry;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** Where a blob's bytes come from, when it is sent. Thread-safe. */
@FunctionalInterface
public interface BlobSource {
  /** Opens it for reading at any place; the caller closes it. */
  FileChannel open() throws IOException;
}
