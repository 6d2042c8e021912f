package io.gantry.runtime.stdio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The test plays the process: it writes to and reads from copies of the descriptors a process would
 * get.
 */
@Timeout(20)
class ProcessIoTest {
  @TempDir Path directory;
  private final Linux linux = Linux.open();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<String> reports = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() throws Exception {
    executor.shutdown();
    assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS), "every pump's thread ends");
  }

  private ProcessIo open(String stdin, String stdout, String stderr) throws IOException {
    return ProcessIo.open(
        linux, StdioRequest.parse(stdin, stdout, stderr, false), executor, reports::add);
  }

  private Fd copy(int number) throws IOException {
    return linux.files().duplicate(Fd.borrowed(number));
  }

  private void print(Fd file, String text) throws IOException {
    linux.files().writeFully(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private String log(Path file) throws IOException {
    return String.join(
        "|", Files.readAllLines(file).stream().map(line -> line.substring(31)).toList());
  }

  private void mkfifo(Path path) throws IOException {
    linux
        .files()
        .mknodat(
            Fd.CWD,
            path.toString(),
            FileFlags.S_IFIFO | 0600,
            new io.gantry.runtime.linux.DeviceNumber(0, 0));
  }

  @Test
  void output_isInTheLogWhenTheExitIsTold() throws Exception {
    Path file = directory.resolve("log");
    ProcessIo io = open("", "gantry-log://" + file, "gantry-log://" + file);
    ProcessIo.ChildEnds ends = io.childEnds().orElseThrow();
    try (Fd out = copy(ends.stdout());
        Fd err = copy(ends.stderr())) {
      io.started(Optional.empty());
      print(out, "hello\n");
      print(err, "oops\n");
      print(out, "no end");
    }
    io.exited().get();
    assertEquals(List.of(), reports);
    List<String> lines =
        Files.readAllLines(file).stream().map(line -> line.substring(31)).sorted().toList();
    assertEquals(List.of("stderr F oops", "stdout F hello", "stdout P no end"), lines);
    io.close();
  }

  @Test
  void survivorThatHoldsThePipe_delaysNothingAndIsStillHeard() throws Exception {
    Path file = directory.resolve("log");
    ProcessIo io = open("", "gantry-log://" + file, "gantry-log://" + file);
    try (Fd survivor = copy(io.childEnds().orElseThrow().stdout())) {
      io.started(Optional.empty());
      print(survivor, "before\npart");
      io.exited().get(10, TimeUnit.SECONDS);
      assertEquals("stdout F before|stdout P part", log(file));
      assertFalse(io.outputEnded().isDone());
      print(survivor, "after\n");
    }
    io.outputEnded().get(10, TimeUnit.SECONDS);
    assertEquals("stdout F before|stdout P part|stdout F after", log(file));
    io.close();
  }

  @Test
  void survivorThatWritesWithoutEnd_cannotDelayTheExitForEver() throws Exception {
    Path file = directory.resolve("out");
    ProcessIo io = open("", "file://" + file, "file://" + file);
    Fd survivor = copy(io.childEnds().orElseThrow().stdout());
    io.started(Optional.empty());
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              byte[] chunk = new byte[4096];
              try {
                while (true) {
                  linux.files().write(survivor, chunk, 0, chunk.length);
                }
              } catch (IOException e) {
                survivor.close();
              }
            },
            executor);
    io.exited().get(10, TimeUnit.SECONDS);
    io.close();
    writer.get(10, TimeUnit.SECONDS);
  }

  @Test
  void manyBytes_arriveWhole() throws Exception {
    Path file = directory.resolve("out");
    ProcessIo io = open("", "file://" + file, "file://" + file);
    byte[] bytes = new byte[3_000_000];
    new java.util.Random(1).nextBytes(bytes);
    try (Fd out = copy(io.childEnds().orElseThrow().stdout())) {
      io.started(Optional.empty());
      linux.files().writeFully(out, bytes);
    }
    io.exited().get();
    assertEquals(-1, java.util.Arrays.mismatch(bytes, Files.readAllBytes(file)));
    io.close();
  }

  @Test
  void lostOutput_isReportedOnceAndNeverStopsTheProcess() throws Exception {
    ProcessIo io = open("", "/dev/full", "");
    try (Fd out = copy(io.childEnds().orElseThrow().stdout())) {
      io.started(Optional.empty());
      for (int i = 0; i < 100; i++) {
        print(out, "x".repeat(4096));
      }
    }
    io.exited().get();
    assertEquals(1, reports.size(), reports.toString());
    assertTrue(reports.get(0).contains("ENOSPC"), reports.get(0));
    io.close();
  }

  @Test
  void fifos_carryBothWays() throws Exception {
    Path in = directory.resolve("in");
    Path out = directory.resolve("out");
    mkfifo(in);
    mkfifo(out);
    ProcessIo io = open(in.toString(), out.toString(), "");
    ProcessIo.ChildEnds ends = io.childEnds().orElseThrow();
    Fd stdin = copy(ends.stdin());
    Fd stdout = copy(ends.stdout());
    io.started(Optional.empty());
    try (InputStream reader = Files.newInputStream(out)) {
      print(stdout, "to you");
      assertEquals("to you", new String(reader.readNBytes(6), StandardCharsets.UTF_8));
    }
    // The reader left and the process is not killed by it; a second one may come.
    print(stdout, "again");
    try (InputStream reader = Files.newInputStream(out)) {
      assertEquals("again", new String(reader.readNBytes(5), StandardCharsets.UTF_8));
    }
    // A writer that leaves is not the end of input; CloseIO is, after what was written.
    try (OutputStream writer = Files.newOutputStream(in)) {
      writer.write("one ".getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream writer = Files.newOutputStream(in)) {
      writer.write("two".getBytes(StandardCharsets.UTF_8));
    }
    io.closeStdin();
    byte[] buffer = new byte[100];
    int length = 0;
    for (int read = linux.files().read(stdin, buffer, 0, 100);
        read > 0;
        read = linux.files().read(stdin, buffer, length, 100 - length)) {
      length += read;
    }
    assertEquals("one two", new String(buffer, 0, length, StandardCharsets.UTF_8));
    stdin.close();
    stdout.close();
    io.exited().get();
    io.close();
  }

  @Test
  void fifoThatNobodyReads_doesNotKeepCloseWaiting() throws Exception {
    Path out = directory.resolve("out");
    mkfifo(out);
    ProcessIo io = open("", out.toString(), "");
    try (Fd stdout = copy(io.childEnds().orElseThrow().stdout())) {
      io.started(Optional.empty());
      print(stdout, "x".repeat(100_000));
    }
    CompletableFuture<Void> drained = io.exited();
    assertFalse(drained.isDone());
    io.close();
    drained.get(10, TimeUnit.SECONDS);
  }

  @Test
  void heldStdin_staysOpenUntilClosed() throws Exception {
    ProcessIo io = open("gantry-stdin:///?once=true", "", "");
    Fd stdin = copy(io.childEnds().orElseThrow().stdin());
    io.started(Optional.empty());
    CompletableFuture<Integer> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return linux.files().read(stdin, new byte[1], 0, 1);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            },
            executor);
    assertFalse(read.isDone());
    io.closeStdin();
    assertEquals(0, read.get());
    stdin.close();
    io.exited().get();
    io.close();
  }

  @Test
  void close_beforeTheStartFreesEverything() throws Exception {
    Path in = directory.resolve("in");
    mkfifo(in);
    Path file = directory.resolve("log");
    long before = openFiles();
    for (int i = 0; i < 20; i++) {
      open(in.toString(), "gantry-log://" + file, "gantry-log://" + file).close();
      open("gantry-stdin:///", "", "").close();
    }
    // Others of this process may have closed some meanwhile.
    assertTrue(openFiles() <= before);
  }

  @Test
  void openThatFails_freesEverything() throws Exception {
    long before = openFiles();
    for (int i = 0; i < 20; i++) {
      assertThrows(
          IOException.class,
          () -> open(directory.resolve("absent").toString(), "", directory.toString()));
      assertThrows(
          IOException.class,
          () -> open("", "gantry-log://" + directory, "gantry-log://" + directory));
    }
    // Others of this process may have closed some meanwhile.
    assertTrue(openFiles() <= before);
  }

  private static long openFiles() throws IOException {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      return list.count();
    }
  }
}
