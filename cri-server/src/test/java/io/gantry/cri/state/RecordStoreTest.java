package io.gantry.cri.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.gantry.cri.fault.FaultPoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordStoreTest {
  @TempDir private Path temporary;
  private Path directory;
  private RecordStore<String> store;

  /** Version 2 of a kind whose version 1 wrote in upper case. */
  private static final class Words implements RecordFormat<String> {
    @Override
    public String kind() {
      return "words";
    }

    @Override
    public int version() {
      return 2;
    }

    @Override
    public JsonNode write(String record) {
      return TextNode.valueOf(record);
    }

    @Override
    public String read(JsonNode document, int version) throws IOException {
      if (!document.isTextual()) {
        throw new IOException("no text");
      }
      return version == 1
          ? document.textValue().toLowerCase(java.util.Locale.ROOT)
          : document.textValue();
    }
  }

  @BeforeEach
  void open() throws IOException {
    directory = temporary.resolve("words");
    store = RecordStore.open(directory, new Words(), FaultPoints.NONE);
  }

  private void file(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }

  @Test
  void records_areThereForTheNextDaemon() throws IOException {
    store.put("a", "one");
    store.put("b", "two");
    store.put("a", "three");
    assertEquals(
        Map.of("a", "three", "b", "two"),
        RecordStore.open(directory, new Words(), FaultPoints.NONE).load());
  }

  @Test
  void removed_isGoneAndRemovingAgainSucceeds() throws IOException {
    store.put("a", "one");
    store.remove("a");
    store.remove("a");
    assertEquals(Map.of(), store.load());
  }

  @Test
  void files_areForRootOnly() throws IOException {
    store.put("a", "one");
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("a.json"))));
  }

  @Test
  void tornFile_isSetAsideAndTheOthersLoad() throws IOException {
    store.put("a", "one");
    file("b.json", "{\"kind\":\"words\",\"vers");
    assertEquals(Map.of("a", "one"), store.load());
    assertTrue(Files.exists(directory.resolve("set-aside/b.json")));
    assertFalse(Files.exists(directory.resolve("b.json")));
  }

  @Test
  void foreignFiles_areSetAside() throws IOException {
    file("notes.txt", "hello");
    file("empty.json", "");
    file("other.json", "{\"kind\":\"pod\",\"version\":1,\"record\":{}}");
    file("later.json", "{\"kind\":\"words\",\"version\":3,\"record\":\"x\"}");
    file("wrong.json", "{\"kind\":\"words\",\"version\":2,\"record\":7}");
    Files.createDirectory(directory.resolve("d.json"));
    assertEquals(Map.of(), store.load());
    for (String name :
        new String[] {
          "notes.txt", "empty.json", "other.json", "later.json", "wrong.json", "d.json"
        }) {
      assertTrue(Files.exists(directory.resolve("set-aside").resolve(name)), name);
    }
  }

  @Test
  void olderVersion_isRead() throws IOException {
    file("a.json", "{\"kind\":\"words\",\"version\":1,\"record\":\"ONE\"}");
    assertEquals(Map.of("a", "one"), store.load());
  }

  @Test
  void unfinishedWrite_isForgotten() throws IOException {
    store.put("a", "one");
    file("a.json.tmp", "{\"kind\"");
    assertEquals(Map.of("a", "one"), store.load());
    assertFalse(Files.exists(directory.resolve("a.json.tmp")));
    assertFalse(Files.exists(directory.resolve("set-aside")));
  }

  @Test
  void idThatLeavesTheDirectory_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> store.put("../a", "x"));
    assertThrows(IllegalArgumentException.class, () -> store.remove(".a"));
  }

  @Test
  void add_thatFailsLeavesNoRecord_evenAfterItsWrite() throws IOException {
    RecordStore<String> failing =
        RecordStore.open(
            directory,
            new Words(),
            point -> {
              if (point.endsWith("record written")) {
                throw new IOException("disk is gone");
              }
            });
    assertThrows(IOException.class, () -> failing.add("a", "one"));
    assertEquals(Map.of(), failing.load());
  }
}
