package io.gantry.image.check;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compares a layer's directory with what its archive says. Confined to one thread. */
final class TreeComparison {

  private static final String CAPABILITY = "security.capability";
  // What every file system can note: not all reach back before 1970, or beyond 2038.
  private static final long LAST_SECOND = Integer.MAX_VALUE;

  private final ExpectedTree expected;
  private final LayerTree actual;
  private final byte[] buffer = new byte[256 << 10];
  // A file of several names is read once.
  private final Set<ExpectedTree.File> read = Collections.newSetFromMap(new IdentityHashMap<>());
  private long bytes;

  TreeComparison(ExpectedTree expected, LayerTree actual) {
    this.expected = expected;
    this.actual = actual;
  }

  /**
   * The first difference, in words.
   *
   * @return nothing if there is none
   */
  Optional<String> difference() throws IOException {
    // What a file is says more than that its directory was changed.
    Optional<String> flaw = first(this::content);
    return flaw.isPresent() ? flaw : first(this::metadata);
  }

  private interface Look {
    Optional<String> at(String path, ExpectedTree.File file, Node node) throws IOException;
  }

  private Optional<String> first(Look look) throws IOException {
    for (Map.Entry<String, ExpectedTree.File> file : expected.files().entrySet()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("the check was told to stop");
      }
      Optional<Node> node = actual.find(file.getKey());
      Optional<String> flaw =
          node.isPresent()
              ? look.at(file.getKey(), file.getValue(), node.get())
              : Optional.of("is missing");
      if (flaw.isPresent()) {
        return Optional.of("/" + shown(file.getKey()) + " " + flaw.get());
      }
    }
    return Optional.empty();
  }

  /** How much content was read. */
  long bytes() {
    return bytes;
  }

  private Optional<String> content(String path, ExpectedTree.File file, Node node)
      throws IOException {
    if (node.kind() != file.kind) {
      return Optional.of("is of another kind");
    }
    switch (file.kind) {
      case DIRECTORY -> {
        Set<String> more = new HashSet<>(actual.names(path));
        more.removeAll(expected.namesIn(path));
        return more.stream()
            .map(name -> "holds " + shown(name) + ", which is not the layer's")
            .findFirst();
      }
      case REGULAR -> {
        if (node.sizeBytes() != file.content.bytes()) {
          return Optional.of(
              "has " + node.sizeBytes() + " bytes instead of " + file.content.bytes());
        }
        if (!read.add(file)) {
          return Optional.empty();
        }
        Checksum sum;
        try (InputStream in = actual.read(path)) {
          sum = Checksum.of(in, buffer);
        } catch (IOException e) {
          return Optional.of("cannot be read: " + e.getMessage());
        }
        bytes += sum.bytes();
        return sum.matches(file.content) ? Optional.empty() : Optional.of("has other content");
      }
      case SYMBOLIC_LINK -> {
        return actual.readLink(path).equals(file.target)
            ? Optional.empty()
            : Optional.of("leads elsewhere");
      }
      case CHARACTER_DEVICE, BLOCK_DEVICE -> {
        return node.major() == file.major && node.minor() == file.minor
            ? Optional.empty()
            : Optional.of("is another device");
      }
      default -> {
        return Optional.empty();
      }
    }
  }

  private Optional<String> metadata(String path, ExpectedTree.File file, Node node)
      throws IOException {
    if (file.metadata.isEmpty()) {
      return Optional.empty();
    }
    Metadata wanted = file.metadata.get();
    if (node.uid() != wanted.uid() || node.gid() != wanted.gid()) {
      return Optional.of("belongs to somebody else");
    }
    if (file.kind != Node.Kind.SYMBOLIC_LINK && node.permissions() != wanted.permissions()) {
      return Optional.of("has permissions " + Integer.toOctalString(node.permissions()));
    }
    if (file.modified.isPresent() && differs(file.modified.get(), node.modified())) {
      return Optional.of("was modified");
    }
    return attributes(path, file);
  }

  private static boolean differs(Timestamp wanted, Timestamp found) {
    return wanted.seconds() >= 0
        && wanted.seconds() <= LAST_SECOND
        && wanted.seconds() != found.seconds();
  }

  /** What a file system cannot keep is not there, and what a security module sets is not ours. */
  private Optional<String> attributes(String path, ExpectedTree.File file) throws IOException {
    Map<String, byte[]> found = actual.attributes(path);
    for (Map.Entry<String, byte[]> wanted : file.attributes.entrySet()) {
      byte[] value = found.get(wanted.getKey());
      boolean mayLack = !isOfWeight(wanted.getKey());
      if (value == null ? !mayLack : !Arrays.equals(value, wanted.getValue())) {
        return Optional.of("has another " + shown(wanted.getKey()));
      }
    }
    for (String name : found.keySet()) {
      if (isOfWeight(name) && !file.attributes.containsKey(name)) {
        return Optional.of("has a " + shown(name) + " that is not the layer's");
      }
    }
    return Optional.empty();
  }

  private static boolean isOfWeight(String attribute) {
    return attribute.equals(CAPABILITY) || attribute.equals(MergedTree.OPAQUE);
  }

  /** Names are bytes, one a character; what is no printable ASCII is not shown as it is. */
  private static String shown(String bytes) {
    return bytes.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
