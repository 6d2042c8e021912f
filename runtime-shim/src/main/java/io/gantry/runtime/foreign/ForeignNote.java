package io.gantry.runtime.foreign;

import io.gantry.proto.shim.v1.ForeignShim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a bundle says of the shim that runs its container, for whoever cleans up when gantry's own
 * has died: a text file with one value per line. It is written before that shim is started.
 *
 * @param address once it is known
 */
record ForeignNote(ForeignShim shim, Optional<ForeignAddress> address) {
  private static final String FILE = "foreign-shim";

  void write(Path bundle) throws IOException {
    List<String> lines = new ArrayList<>(List.of(shim.getBinary(), shim.getNamespace()));
    if (address.isPresent()) {
      lines.add(address.get().socket().toString());
      lines.add(Integer.toString(address.get().version()));
    }
    Path fresh = bundle.resolve(FILE + ".new");
    Files.write(fresh, lines);
    Files.move(fresh, bundle.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The note of a bundle; empty if gantry's own shim runs the container. */
  static Optional<ForeignNote> read(Path bundle) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(bundle.resolve(FILE));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    if (lines.size() < 2) {
      throw new IOException(bundle.resolve(FILE) + ": it is cut short");
    }
    ForeignShim shim =
        ForeignShim.newBuilder().setBinary(lines.get(0)).setNamespace(lines.get(1)).build();
    return Optional.of(
        new ForeignNote(
            shim,
            lines.size() < 4
                ? Optional.empty()
                : Optional.of(
                    new ForeignAddress(Path.of(lines.get(2)), Integer.parseInt(lines.get(3))))));
  }
}
