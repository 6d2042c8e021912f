package io.gantry.image.build;

import io.gantry.image.archive.LayerArchive;
import io.gantry.image.archive.TarMember;
import io.gantry.image.archive.TarWriter;
import io.gantry.image.reference.Digest;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a layer is to hold, by path. Confined to one thread. */
final class LayerContent {

  /** Opens what a file holds. */
  interface Content {
    InputStream open() throws IOException;
  }

  /**
   * One file.
   *
   * @param link what a symbolic link leads to
   * @param content of a regular file
   */
  record Entry(
      Node.Kind kind,
      Metadata metadata,
      long sizeBytes,
      String link,
      long major,
      long minor,
      Content content) {

    static Entry directory(Metadata metadata) {
      return new Entry(Node.Kind.DIRECTORY, metadata, 0, "", 0, 0, InputStream::nullInputStream);
    }

    static Entry file(Metadata metadata, long sizeBytes, Content content) {
      return new Entry(Node.Kind.REGULAR, metadata, sizeBytes, "", 0, 0, content);
    }

    boolean isDirectory() {
      return kind == Node.Kind.DIRECTORY;
    }
  }

  // Parents come before what is in them, in this order.
  private final TreeMap<String, Entry> entries = new TreeMap<>();

  Optional<Entry> find(String path) {
    return Optional.ofNullable(entries.get(path));
  }

  void put(String path, Entry entry) {
    entries.put(path, entry);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Of all that makes the layer what it is: everything but the times. */
  Digest digest(Cancellation cancellation) throws IOException {
    MessageDigest all = Digest.Algorithm.SHA256.start();
    byte[] buffer = new byte[64 << 10];
    for (Map.Entry<String, Entry> one : entries.entrySet()) {
      Entry entry = one.getValue();
      Metadata metadata = entry.metadata();
      add(
          all,
          "%s\0%s\0%d\0%d\0%o\0%d\0%s\0%d\0%d\0"
              .formatted(
                  one.getKey(),
                  entry.kind(),
                  metadata.uid(),
                  metadata.gid(),
                  metadata.permissions(),
                  entry.sizeBytes(),
                  entry.link(),
                  entry.major(),
                  entry.minor()));
      new TreeMap<>(metadata.attributes())
          .forEach(
              (name, value) -> {
                add(all, name + "\0" + value.length + "\0");
                all.update(value);
              });
      if (entry.kind() == Node.Kind.REGULAR) {
        try (InputStream content = entry.content().open()) {
          for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            cancellation.check();
            all.update(buffer, 0, n);
          }
        }
      }
      add(all, "\n");
    }
    return Digest.finish(Digest.Algorithm.SHA256, all.digest());
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Writes the layer's archive. */
  void write(LayerArchive.Form form, OutputStream to) throws IOException {
    TarWriter tar = new TarWriter(to);
    for (Map.Entry<String, Entry> one : entries.entrySet()) {
      Entry entry = one.getValue();
      Metadata metadata = entry.metadata();
      try (InputStream content = entry.content().open()) {
        tar.member(
            new TarMember(
                type(entry.kind()),
                entry.isDirectory() ? one.getKey() + "/" : one.getKey(),
                entry.link(),
                metadata.permissions(),
                Integer.toUnsignedLong(metadata.uid()),
                Integer.toUnsignedLong(metadata.gid()),
                entry.sizeBytes(),
                form.time(metadata.modified()),
                entry.major(),
                entry.minor(),
                metadata.attributes()),
            content);
      }
    }
    tar.finish();
  }

  private static char type(Node.Kind kind) {
    return switch (kind) {
      case REGULAR -> TarMember.FILE;
      case DIRECTORY -> TarMember.DIRECTORY;
      case SYMBOLIC_LINK -> TarMember.SYMBOLIC_LINK;
      case CHARACTER_DEVICE -> TarMember.CHARACTER_DEVICE;
      case BLOCK_DEVICE -> TarMember.BLOCK_DEVICE;
      case FIFO -> TarMember.FIFO;
      case SOCKET -> throw new IllegalStateException("a socket cannot be in a layer");
    };
  }
}
