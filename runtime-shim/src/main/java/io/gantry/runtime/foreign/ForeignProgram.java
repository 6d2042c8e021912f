package io.gantry.runtime.foreign;

import com.google.protobuf.Any;
import io.gantry.proto.bootstrap.v1.BootstrapParams;
import io.gantry.proto.bootstrap.v1.Extension;
import io.gantry.proto.shim.v1.ForeignShim;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Another shim's program, and the actions that its command line has by containerd's contract. Each
 * runs a process of a fraction of a second.
 */
final class ForeignProgram {
  private static final int LIMIT_SECONDS = 30;
  private static final int MAX_ANSWER_BYTES = 1 << 20;
  private static final int MAX_WORDS = 2000;

  private final ForeignShim shim;
  private final String id;
  private final Path bundle;

  /**
   * @param id of the container
   * @param bundle its directory: where the program runs
   */
  ForeignProgram(ForeignShim shim, String id, Path bundle) {
    this.shim = shim;
    this.id = id;
    this.bundle = bundle;
  }

  /**
   * Makes sure that a shim runs for the container.
   *
   * @param events where it is to tell what happens
   */
  ForeignAddress start(Path events) throws IOException {
    // A shim writes its log to this path, which containerd makes as a FIFO; a file keeps its words
    // and needs no reader.
    Path log = bundle.resolve("log");
    if (!Files.exists(log)) {
      Files.createFile(log);
    }
    byte[] printed;
    try {
      // Nothing on standard input is what shims built before containerd 2.3 know.
      printed = run(List.of("start"), events, new byte[0]);
    } catch (IOException refused) {
      try {
        printed = run(List.of("start"), events, parameters(events));
      } catch (IOException again) {
        refused.addSuppressed(again);
        throw refused;
      }
    }
    try {
      return ForeignAddress.parse(printed);
    } catch (IOException e) {
      throw new IOException("start " + shim.getBinary() + ": " + e.getMessage(), e);
    }
  }

  /** Kills and frees what is left of the container; may be repeated. */
  void delete() throws IOException {
    run(List.of("-bundle", bundle.toString(), "delete"), Path.of("/dev/null"), new byte[0]);
  }

  private byte[] parameters(Path events) {
    BootstrapParams.Builder parameters =
        BootstrapParams.newBuilder()
            .setInstanceId(id)
            .setNamespace(shim.getNamespace())
            .setContainerdTtrpcAddress(events.toString())
            .setContainerdGrpcAddress(events.toString())
            .setContainerdBinary(shim.getBinary());
    if (shim.hasOptions()) {
      parameters.addExtensions(Extension.newBuilder().setValue(Any.newBuilder(shim.getOptions())));
    }
    return parameters.build().toByteArray();
  }

  private byte[] run(List<String> action, Path events, byte[] input) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(shim.getBinary());
    line.addAll(List.of("-namespace", shim.getNamespace(), "-id", id));
    line.addAll(List.of("-address", events.toString(), "-publish-binary", shim.getBinary()));
    line.addAll(action);
    String words = "run " + shim.getBinary() + " " + action.get(action.size() - 1);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.directory(bundle.toFile());
    Path errors = Files.createTempFile(bundle, "shim-", ".err");
    builder.redirectError(errors.toFile());
    environment(builder, events);
    try {
      if (input.length == 0) {
        builder.redirectInput(new File("/dev/null"));
      }
      return answer(words, builder.start(), input, errors);
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  private void environment(ProcessBuilder builder, Path events) {
    var environment = builder.environment();
    environment.put("TTRPC_ADDRESS", events.toString());
    environment.put("GRPC_ADDRESS", events.toString());
    environment.put("NAMESPACE", shim.getNamespace());
    environment.put("MAX_SHIM_VERSION", "3");
    environment.put("GOMAXPROCS", "2");
    // Set for gantry's own JVMs.
    environment.remove("MALLOC_ARENA_MAX");
    environment.remove("MALLOC_MMAP_THRESHOLD_");
  }

  private static byte[] answer(String words, Process process, byte[] input, Path errors)
      throws IOException {
    if (input.length > 0) {
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input);
      }
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      read(process, printed);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(words + ": it has not ended after " + LIMIT_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(words + ": interrupted", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          words + ": exit code " + process.exitValue() + ": " + said(errors, printed));
    }
    return printed.toByteArray();
  }

  /** Until it ends, or too much or too long; the shim that it leaves behind may hold the pipe. */
  private static void read(Process process, ByteArrayOutputStream into)
      throws IOException, InterruptedException {
    InputStream out = process.getInputStream();
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    byte[] buffer = new byte[4096];
    while (System.nanoTime() < limit && into.size() < MAX_ANSWER_BYTES) {
      boolean ended = process.waitFor(10, TimeUnit.MILLISECONDS);
      while (out.available() > 0) {
        into.write(buffer, 0, out.read(buffer));
      }
      if (ended) {
        return;
      }
    }
  }

  private static String said(Path errors, ByteArrayOutputStream printed) throws IOException {
    String text = Files.readString(errors, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      text = printed.toString(StandardCharsets.UTF_8).strip();
    }
    return text.substring(Math.max(0, text.length() - MAX_WORDS)).replace('\n', ' ');
  }
}
