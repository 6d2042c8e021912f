package io.gantry.image.content;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoreTest {

  private static final byte[] BYTES = "some content".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.sha256(BYTES);

  @TempDir Path root;
  private ContentStore store;

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(root, Steps.UNOBSERVED);
  }

  private int arriving() throws IOException {
    try (var files = Files.list(root.resolve("ingest"))) {
      return (int) files.count();
    }
  }

  @Test
  void commit_makesTheBlobReadable() throws Exception {
    try (Ingest ingest = store.ingest(DIGEST, BYTES.length)) {
      ingest.write(ByteBuffer.wrap(BYTES, 0, 4));
      assertFalse(store.has(DIGEST));
      ingest.write(ByteBuffer.wrap(BYTES, 4, BYTES.length - 4));
      ingest.commit();
    }
    assertArrayEquals(BYTES, store.read(DIGEST, 100));
    assertEquals(Set.of(DIGEST), store.list());
    assertEquals(BYTES.length, store.usedBytes());
    assertEquals(0, arriving());
  }

  @Test
  void commit_refusesOtherContent_andLeavesNoTrace() throws Exception {
    try (Ingest ingest = store.ingest(DIGEST, BYTES.length)) {
      ingest.write(ByteBuffer.wrap("other conten".getBytes(StandardCharsets.UTF_8)));
      assertEquals(Kind.CORRUPT, assertThrows(ImageException.class, ingest::commit).kind());
    }
    assertFalse(store.has(DIGEST));
    assertEquals(0, arriving());
  }

  @Test
  void commit_refusesTooLittle() throws Exception {
    try (Ingest ingest = store.ingest(DIGEST, BYTES.length)) {
      ingest.write(ByteBuffer.wrap(BYTES, 0, 4));
      assertThrows(ImageException.class, ingest::commit);
    }
  }

  @Test
  void write_refusesTooMuchAtOnce() throws Exception {
    try (Ingest ingest = store.ingest(DIGEST, 5)) {
      assertEquals(
          Kind.CORRUPT,
          assertThrows(ImageException.class, () -> ingest.write(ByteBuffer.wrap(BYTES))).kind());
    }
  }

  @Test
  void reset_beginsAnew() throws Exception {
    try (Ingest ingest = store.ingest(DIGEST, BYTES.length)) {
      ingest.write(ByteBuffer.wrap("wrong".getBytes(StandardCharsets.UTF_8)));
      ingest.reset();
      ingest.write(ByteBuffer.wrap(BYTES));
      ingest.commit();
    }
    assertArrayEquals(BYTES, store.read(DIGEST, 100));
  }

  @Test
  void open_clearsWhatACrashLeft() throws Exception {
    Ingest abandoned = store.ingest(DIGEST, BYTES.length);
    abandoned.write(ByteBuffer.wrap(BYTES, 0, 4));
    assertEquals(1, arriving());
    ContentStore.open(root, Steps.UNOBSERVED);
    assertEquals(0, arriving());
    abandoned.close();
  }

  @Test
  void read_noticesDamageOnDisk() throws Exception {
    store.write(DIGEST, BYTES);
    Files.writeString(root.resolve("blobs/sha256").resolve(DIGEST.hex()), "bit rot");
    assertEquals(
        Kind.CORRUPT, assertThrows(ImageException.class, () -> store.read(DIGEST, 100)).kind());
  }

  @Test
  void delete_leavesReadersAlone() throws Exception {
    store.write(DIGEST, BYTES);
    try (InputStream in = store.open(DIGEST)) {
      store.delete(DIGEST);
      store.delete(DIGEST);
      assertArrayEquals(BYTES, in.readAllBytes());
    }
    assertEquals(
        Kind.NOT_FOUND, assertThrows(ImageException.class, () -> store.open(DIGEST)).kind());
  }

  @Test
  void list_leavesOutForeignFiles() throws Exception {
    Files.writeString(root.resolve("blobs/sha256/notes.txt"), "x");
    assertTrue(store.list().isEmpty());
  }
}
