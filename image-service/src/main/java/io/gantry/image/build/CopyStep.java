package io.gantry.image.build;

import io.gantry.image.build.FileSelection.Selected;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Heredoc;
import io.gantry.image.dockerfile.Instruction.Copy;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.ArchiveProbe;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What one COPY or ADD puts into a layer. Closing it lets go of what it has unpacked or fetched on
 * the way. Confined to one thread.
 */
final class CopyStep implements Closeable {
  private static final int FETCHED_MODE = 0600; // As Docker's reference has it for ADD.

  private final Session session;
  private final Copy copy;
  private final Expansion expansion;
  private final List<Closeable> open = new ArrayList<>();

  CopyStep(Session session, Copy copy, Expansion expansion) {
    this.session = session;
    this.copy = copy;
    this.expansion = expansion;
  }

  /**
   * Puts the layer together.
   *
   * @param image what it will stand on
   * @param sources where the sources are looked for
   * @param workdir what a relative destination begins at
   */
  LayerContent plan(MergedTree image, MergedTree sources, String workdir) throws IOException {
    List<String> names = expansion.of(copy.sources());
    String asked = expansion.of(copy.destination());
    FileCopy files = new FileCopy(image, manner(image));
    String absolute = asked.startsWith("/") ? asked : workdir + "/" + asked;
    String destination = files.resolve(ByteNames.of(absolute));
    boolean directory =
        asked.endsWith("/")
            || asked.endsWith("/.")
            || asked.equals(".")
            || asked.isEmpty()
            || copy.parents()
            || files.isDirectory(destination);
    List<Selected> selected = new ArrayList<>();
    for (String name : names) {
      if (!isSpecial(name)) {
        selected.addAll(new FileSelection(sources).find(name));
      }
    }
    long special = names.stream().filter(this::isSpecial).count();
    if (selected.size() + special > 1 && !directory) {
      throw new BuildException(
          "several sources are copied to \"" + asked + "\", which must end with a slash then");
    }
    for (String name : names) {
      if (isSpecial(name)) {
        special(name, files, destination, directory);
      }
    }
    for (Selected one : selected) {
      add(one, files, destination, directory);
    }
    return files.content();
  }

  private boolean isSpecial(String name) {
    return heredoc(name).isPresent()
        || copy.adds() && (Download.isGit(name) || Download.isUrl(name));
  }

  private Optional<Heredoc> heredoc(String name) {
    return copy.heredocs().stream()
        .filter(document -> name.matches("[0-9]*<<-?" + Pattern.quote(document.name())))
        .findFirst();
  }

  private FileCopy.Manner manner(MergedTree image) throws IOException {
    Optional<Owner> owner = Optional.empty();
    if (copy.owner().isPresent()) {
      owner = Optional.of(Owner.find(expansion.of(copy.owner().get()), image));
    }
    Optional<FileMode> mode = Optional.empty();
    if (copy.mode().isPresent()) {
      mode = Optional.of(mode(expansion.of(copy.mode().get())));
    }
    boolean fromContext = copy.from().isEmpty();
    return new FileCopy.Manner(
        fromContext && owner.isEmpty() ? Optional.of(Owner.ROOT) : owner,
        owner.orElse(Owner.ROOT),
        mode,
        excludes(),
        !copy.link(),
        session.fileTime());
  }

  private static FileMode mode(String text) throws BuildException {
    try {
      return FileMode.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BuildException("--chmod: " + e.getMessage());
    }
  }

  private IgnoreRules excludes() throws IOException {
    try {
      return IgnoreRules.of(expansion.of(copy.excludes()));
    } catch (IllegalArgumentException e) {
      throw new BuildException("--exclude: " + e.getMessage());
    }
  }

  private void special(String name, FileCopy files, String destination, boolean directory)
      throws IOException {
    Optional<Heredoc> document = heredoc(name);
    if (document.isPresent()) {
      byte[] bytes = expansion.document(document.get()).getBytes(StandardCharsets.UTF_8);
      String target =
          directory
              ? ByteNames.join(destination, ByteNames.of(document.get().name()))
              : destination;
      files.file(target, bytes, 0644, session.fileTime());
    } else if (Download.isGit(name)) {
      throw new BuildException(
          "\"" + name + "\" is a git repository, which ADD does not fetch here: give an archive");
    } else {
      fetch(name, files, destination, directory);
    }
  }

  private void fetch(String url, FileCopy files, String destination, boolean directory)
      throws IOException {
    Path file = Files.createTempFile(session.scratch(), "fetched", "");
    open.add(() -> Files.deleteIfExists(file));
    Download download = Download.fetch(url, file, session.cancellation());
    checkDigest(url, download.digest());
    if (copy.unpack().orElse(false)) {
      try (InputStream archive = Files.newInputStream(file)) {
        unpack(archive, url, files, destination);
      }
      return;
    }
    String name = ByteNames.of(Download.nameIn(url));
    if (directory && name.isEmpty()) {
      throw new BuildException(
          "\"" + url + "\" has no file's name in it, which is needed to add it to a directory");
    }
    files.file(
        directory ? ByteNames.join(destination, name) : destination,
        FETCHED_MODE,
        download.modified().orElse(new Timestamp(0, 0)),
        download.sizeBytes(),
        () -> Files.newInputStream(file));
  }

  private void checkDigest(String what, Digest actual) throws IOException {
    if (copy.checksum().isEmpty()) {
      return;
    }
    String wanted = expansion.of(copy.checksum().get());
    try {
      if (!Digest.parse(wanted).equals(actual)) {
        throw new BuildException(what + " has the digest " + actual + ", not " + wanted);
      }
    } catch (InvalidReferenceException e) {
      throw new BuildException("--checksum: " + e.getMessage());
    }
  }

  private void add(Selected one, FileCopy files, String destination, boolean directory)
      throws IOException {
    boolean regular = one.node().kind() == Node.Kind.REGULAR;
    if (copy.checksum().isPresent()) {
      throw new BuildException(
          "--checksum is for sources that are fetched: " + ByteNames.shown(one.name()));
    }
    if (copy.adds() && regular && copy.unpack().orElse(true) && isArchive(one)) {
      try (InputStream archive = read(one)) {
        unpack(archive, ByteNames.shown(one.name()), files, destination);
      }
      return;
    }
    if (copy.parents()) {
      files.parentsLike(one, destination);
      files.copy(one, ByteNames.join(destination, one.below()));
      return;
    }
    boolean into = !one.node().isDirectory() && directory;
    files.copy(one, into ? ByteNames.join(destination, one.name()) : destination);
  }

  private static InputStream read(Selected one) throws IOException {
    MergedTree.Found found =
        one.tree()
            .find(one.path())
            .orElseThrow(() -> new IOException(ByteNames.shown(one.path()) + " vanished"));
    return found.layer().read(found.path());
  }

  private static boolean isArchive(Selected one) throws IOException {
    try (InputStream head = read(one)) {
      return ArchiveProbe.isTar(head);
    }
  }

  /** Unpacks an archive aside, by the rules for layers, and copies what came of it. */
  private void unpack(InputStream archive, String name, FileCopy files, String destination)
      throws IOException {
    Path directory = Files.createTempDirectory(session.scratch(), "archive");
    open.add(() -> session.workshop().trees().delete(directory));
    LayerTree tree = session.workshop().trees().open(directory);
    open.add(tree);
    // What the archive does not say of its root is as for any directory that is made.
    tree.setMetadata("", new Metadata(0, 0, 0755, session.fileTime(), Map.of()));
    session.workshop().unpacker().unpackFiles(archive, name, tree, session.cancellation());
    MergedTree merged = new MergedTree(List.of(tree));
    MergedTree.Found root =
        merged.find("").orElseThrow(() -> new IOException("the archive's directory vanished"));
    // Its owners stay, unless others are asked for.
    files
        .keepingOwners(copy.owner().isEmpty())
        .copy(new Selected(merged, "", "", "", root.node()), destination);
  }

  @Override
  public void close() throws IOException {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    open.clear();
  }
}
