package io.gantry.runtime.criu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CRIU's command lines and files. */
class CriuArgumentsTest {
  @TempDir Path images;

  @Test
  void whatIsLeftOut_isFoundAgainByTheSameName() {
    Path work = Path.of("/work");
    List<String> dump =
        CriuArguments.dump(CriuSettings.DEFAULT, 7, images, work)
            .externalMount("/etc/hosts")
            .externalNetwork(4026532333L)
            .words();
    List<String> restore =
        CriuArguments.restore(CriuSettings.DEFAULT, images, work, "/b/rootfs")
            .mappedMount("/etc/hosts", "/b/rootfs/etc/hosts")
            .network(5)
            .words();

    assertTrue(dump.contains("mnt[/etc/hosts]:/etc/hosts"), dump::toString);
    assertTrue(restore.contains("mnt[/etc/hosts]:/b/rootfs/etc/hosts"), restore::toString);
    assertTrue(dump.contains("net[4026532333]:extRootNetNS"), dump::toString);
    assertTrue(restore.contains("fd[5]:extRootNetNS"), restore::toString);
  }

  @Test
  void processesGoOn_onlyWhenAsked() {
    CriuArguments dump = CriuArguments.dump(CriuSettings.DEFAULT, 7, images, images);
    assertFalse(dump.words().contains("--leave-running"));
    assertTrue(dump.leaveRunning().words().contains("--leave-running"));
  }

  @Test
  void streamNames_areReadAsRuncWritesThem() throws IOException {
    Files.writeString(
        images.resolve("descriptors.json"), "[\"/dev/null\",\"pipe:[12]\",\"file[18:3]\"]");

    StreamNames names = StreamNames.read(images);

    assertFalse(names.isOutside(0));
    assertTrue(names.isOutside(1));
    assertTrue(names.isOutside(2) && names.isFile(2));
    Files.delete(images.resolve("descriptors.json"));
    names.write(images);
    assertEquals(names, StreamNames.read(images));
  }

  @Test
  void streamNames_thatAreNotThreeTexts_areRefused() throws IOException {
    for (String text : List.of("", "{}", "[\"a\",\"b\"]", "[1,2,3]", "[\"a\",\"b\",\"c\",\"d\"]")) {
      Files.writeString(images.resolve("descriptors.json"), text);
      assertThrows(IOException.class, () -> StreamNames.read(images), text);
    }
  }

  @Test
  void log_givesTheFirstErrorsInWords_withoutWhatDoesNoHarm() {
    String log =
        """
        (00.1) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
        (00.2) Warn  (criu/x.c:1): nothing
        (00.5) Error (criu/files-reg.c:1790): Can't lookup mount=24 for fd=0 path=/dev/null
        (00.7) Error (criu/cr-dump.c:1975): Dumping FAILED.
        """;
    assertEquals(
        List.of("Can't lookup mount=24 for fd=0 path=/dev/null", "Dumping FAILED."),
        CriuLog.errors(log));
  }
}
