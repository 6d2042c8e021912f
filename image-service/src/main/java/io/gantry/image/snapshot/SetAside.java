package io.gantry.image.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/**
 * Damaged layers that others have taken the place of: {@code damaged/HEX.N}, by the chain's id. A
 * container may still stand on one, so it goes only when none does. Thread-safe.
 */
final class SetAside {

  private final Path directory;
  private final Trash trash;

  SetAside(Path directory, Trash trash) {
    this.directory = directory;
    this.trash = trash;
  }

  /** Moves a layer's directory here; it tells where to. */
  synchronized Path add(Path layer, ChainId chain) throws IOException {
    int number = 0;
    Path here = directory.resolve(chain.digest().hex() + "." + number);
    while (Files.exists(here)) {
      number++;
      here = directory.resolve(chain.digest().hex() + "." + number);
    }
    if (Files.exists(layer)) {
      // Mounts stay what they are: they hold the directory and not its name.
      Files.move(layer, here, StandardCopyOption.ATOMIC_MOVE);
    }
    return here;
  }

  /** Deletes all but those of the given chains. */
  synchronized void retainOnly(Set<ChainId> inUse) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path one : found) {
        String name = one.getFileName().toString();
        if (inUse.stream().noneMatch(chain -> name.startsWith(chain.digest().hex() + "."))) {
          trash.discard(one);
        }
      }
    }
  }
}
