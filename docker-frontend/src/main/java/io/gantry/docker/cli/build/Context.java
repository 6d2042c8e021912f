package io.gantry.docker.cli.build;

import io.gantry.docker.cli.archive.FileTree;
import io.gantry.docker.cli.archive.TarEntry;
import io.gantry.docker.cli.archive.TarWriter;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Body;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a build works on.
 *
 * @param body the archive; empty if the engine fetches the context itself
 * @param dockerfile the Dockerfile's name in it
 */
record Context(Optional<Body> body, String dockerfile) {
  private static final String USUAL = "Dockerfile";
  private static final int TAR_BLOCK = 512;
  private static final int MAGIC_OFFSET = 257;

  /** Finds out what the words of the command line mean. */
  static Context of(Session session, String where, Optional<String> file)
      throws IOException, CommandFailure {
    if (where.equals("-")) {
      return ofInput(session, file);
    }
    if (where.matches("(https?|git|ssh)://.*|git@.*|github\\.com/.*")) {
      return new Context(Optional.empty(), file.orElse(USUAL));
    }
    Path directory = session.environment().file(where);
    if (!Files.isDirectory(directory)) {
      throw new CommandFailure(
          "unable to prepare context: path \""
              + where
              + "\" "
              + (Files.exists(directory) ? "is no directory" : "not found"));
    }
    return ofDirectory(session, directory.toRealPath(), file);
  }

  private static Context ofDirectory(Session session, Path directory, Optional<String> file)
      throws IOException, CommandFailure {
    if (file.isPresent() && file.get().equals("-")) {
      return outside(session, directory, session.streams().in().readAllBytes());
    }
    Path dockerfile =
        file.isPresent() ? session.environment().file(file.get()) : directory.resolve(USUAL);
    if (!Files.exists(dockerfile) && file.isPresent()) {
      dockerfile = directory.resolve(file.get()); // docker looks in the context, too
    }
    if (!Files.isRegularFile(dockerfile)) {
      throw new CommandFailure(
          "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat "
              + dockerfile
              + ": no such file or directory; name it with -f");
    }
    Path real = dockerfile.toRealPath();
    if (!real.startsWith(directory)) {
      return outside(session, directory, Files.readAllBytes(real));
    }
    String name = directory.relativize(real).toString();
    Path own = real.resolveSibling(real.getFileName() + ".dockerignore");
    Path rules = Files.exists(own) ? own : directory.resolve(".dockerignore");
    return new Context(
        Optional.of(
            new Archive(directory, rules, Set.of(name, ".dockerignore"), null, new byte[0])),
        name);
  }

  /** A Dockerfile that is not in the context goes into the archive under a name of its own. */
  private static Context outside(Session session, Path directory, byte[] dockerfile) {
    String name = ".dockerfile." + Long.toHexString(System.nanoTime());
    return new Context(
        Optional.of(
            new Archive(
                directory,
                directory.resolve(".dockerignore"),
                Set.of(".dockerignore"),
                name,
                dockerfile)),
        name);
  }

  /** An archive as it is, or a Dockerfile without any context. */
  private static Context ofInput(Session session, Optional<String> file) throws IOException {
    PushbackInputStream in = new PushbackInputStream(session.streams().in(), TAR_BLOCK);
    byte[] head = in.readNBytes(TAR_BLOCK);
    if (isArchive(head)) {
      in.unread(head);
      return new Context(Optional.of(Body.stream("application/x-tar", in)), file.orElse(USUAL));
    }
    byte[] dockerfile = new SequenceInputStream(new ByteArrayInputStream(head), in).readAllBytes();
    return new Context(Optional.of(new Archive(null, null, Set.of(), USUAL, dockerfile)), USUAL);
  }

  private static boolean isArchive(byte[] head) {
    boolean tar =
        head.length == TAR_BLOCK
            && new String(head, MAGIC_OFFSET, 5, java.nio.charset.StandardCharsets.US_ASCII)
                .equals("ustar");
    boolean gzip = head.length > 2 && head[0] == 0x1f && (head[1] & 0xff) == 0x8b;
    boolean bzip2 = head.length > 3 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h';
    boolean xz = head.length > 5 && (head[0] & 0xff) == 0xfd && head[1] == '7' && head[2] == 'z';
    boolean zstd = head.length > 3 && head[0] == 0x28 && (head[1] & 0xff) == 0xb5;
    return tar || gzip || bzip2 || xz || zstd;
  }

  /** An archive that is made as it is sent. */
  private record Archive(
      Path directory, Path rules, Set<String> always, String extra, byte[] content)
      implements Body {
    @Override
    public String contentType() {
      return "application/x-tar";
    }

    @Override
    public long length() {
      return -1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      OutputStream buffered = new BufferedOutputStream(out, 32 * 1024);
      try (TarWriter archive = new TarWriter(buffered)) {
        if (directory != null) {
          boolean ruled = Files.isRegularFile(rules);
          FileTree.Wanted wanted =
              ruled ? IgnoreFile.parse(Files.readString(rules), always) : FileTree.Wanted.all();
          new FileTree(archive, wanted).add(directory, "");
        }
        if (extra != null) {
          InputStream in = new ByteArrayInputStream(content);
          archive.put(
              new TarEntry(extra, TarEntry.Kind.FILE, 0600, content.length, 0, Optional.empty()),
              in);
        }
      }
      buffered.flush();
    }
  }
}
