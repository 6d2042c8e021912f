package io.gantry.image.transfer;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.content.ContentStore;
import io.gantry.image.content.Ingest;
import io.gantry.image.content.NewBlob;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.unpack.TarEntry;
import io.gantry.image.unpack.TarReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The members of one archive: small documents in memory, all else in the content store, where each
 * blob is held before it is there. Confined to one thread.
 */
final class ArchiveMembers {

  private static final int MEMBER_LIMIT = 200_000;
  private static final int DOCUMENTS_LIMIT_BYTES = 64 << 20;
  private static final int LINK_LIMIT = 16;
  private static final int BUFFER_BYTES = 128 << 10;

  private final ContentStore content;
  private final NewBlob.Holder holder;
  private final ArchiveReader.Listener listener;
  private final Map<String, byte[]> documents = new HashMap<>();
  private final Map<String, Digest> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int documentBytes;
  private int count;

  ArchiveMembers(ContentStore content, NewBlob.Holder holder, ArchiveReader.Listener listener) {
    this.content = content;
    this.holder = holder;
    this.listener = listener;
  }

  /** Takes one member in. */
  void take(TarEntry entry, TarReader tar) throws IOException {
    if (++count > MEMBER_LIMIT) {
      throw new ImageException(CORRUPT, "the archive has more than " + MEMBER_LIMIT + " members");
    }
    String path = ArchivePath.of(entry.name());
    switch (entry.kind()) {
      case DIRECTORY -> {}
      case SYMBOLIC_LINK ->
          links.put(path, ArchivePath.resolve(ArchivePath.directoryOf(path), entry.link()));
      case HARD_LINK -> links.put(path, ArchivePath.of(entry.link()));
      case REGULAR -> regular(path, entry, tar);
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
          throw new ImageException(
              CORRUPT, "the archive's member " + ArchivePath.shown(path) + " is no file");
    }
  }

  private void regular(String path, TarEntry entry, TarReader tar) throws IOException {
    if (entry.sizeBytes() != entry.storedBytes()) {
      throw new ImageException(
          CORRUPT, "the archive's member " + ArchivePath.shown(path) + " is sparse");
    }
    Optional<Digest> blob = ArchivePath.blob(path);
    if (blob.isPresent()) {
      blob(blob.get(), entry.sizeBytes(), tar);
      files.put(path, blob.get());
    } else if (isDocument(path)) {
      documents.put(path, document(path, entry.sizeBytes(), tar));
    } else {
      files.put(path, file(tar));
    }
  }

  private static boolean isDocument(String path) {
    return path.endsWith(".json")
        || path.equals("oci-layout")
        || path.equals("repositories")
        || path.endsWith("/VERSION")
        || path.endsWith("/json");
  }

  private void blob(Digest digest, long sizeBytes, TarReader tar) throws IOException {
    holder.hold(digest);
    if (content.has(digest) && content.sizeOf(digest) == sizeBytes) {
      listener.read(digest, sizeBytes);
      return;
    }
    try (Ingest ingest = content.ingest(digest, sizeBytes)) {
      int n = tar.read(buffer, 0, buffer.length);
      while (n >= 0) {
        ingest.write(ByteBuffer.wrap(buffer, 0, n));
        n = tar.read(buffer, 0, buffer.length);
      }
      ingest.commit();
    }
    listener.read(digest, sizeBytes);
  }

  private Digest file(TarReader tar) throws IOException {
    try (NewBlob blob = content.receive()) {
      int n = tar.read(buffer, 0, buffer.length);
      while (n >= 0) {
        blob.write(buffer, 0, n);
        n = tar.read(buffer, 0, buffer.length);
      }
      Digest digest = blob.keep(holder);
      listener.read(digest, blob.size());
      return digest;
    }
  }

  private byte[] document(String path, long sizeBytes, TarReader tar) throws IOException {
    if (sizeBytes > RemoteRepository.DOCUMENT_LIMIT_BYTES
        || sizeBytes > DOCUMENTS_LIMIT_BYTES - documentBytes) {
      throw new ImageException(
          CORRUPT, "the archive's document " + ArchivePath.shown(path) + " is too large");
    }
    documentBytes += (int) sizeBytes;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int n = tar.read(buffer, 0, buffer.length);
    while (n >= 0) {
      bytes.write(buffer, 0, n);
      n = tar.read(buffer, 0, buffer.length);
    }
    return bytes.toByteArray();
  }

  /** A document of that path; nothing if there is none. */
  Optional<byte[]> document(String path) {
    return Optional.ofNullable(documents.get(path));
  }

  /**
   * The configuration that an archive names, which is a document or a blob.
   *
   * @throws ImageException CORRUPT if there is no such member
   */
  byte[] configuration(String name) throws IOException {
    String path = target(name);
    byte[] document = documents.get(path);
    return document != null
        ? document
        : content.read(file(name), RemoteRepository.DOCUMENT_LIMIT_BYTES);
  }

  /**
   * The blob that a member has become.
   *
   * @throws ImageException CORRUPT if there is no such member
   */
  Digest file(String name) throws ImageException {
    Digest digest = files.get(target(name));
    if (digest == null) {
      throw new ImageException(
          CORRUPT, "the archive names " + ArchivePath.shown(name) + ", which is not in it");
    }
    return digest;
  }

  private String target(String name) throws ImageException {
    String path = ArchivePath.of(name);
    for (int i = 0; i < LINK_LIMIT && links.containsKey(path); i++) {
      path = links.get(path);
    }
    return path;
  }
}
