package io.gantry.cri.shims;

import com.google.protobuf.Any;
import com.google.protobuf.MessageLite;
import io.gantry.cri.config.Config;
import io.gantry.cri.config.Sharing;
import io.gantry.proto.runc.v1.Options;
import io.gantry.proto.shim.v1.ForeignShim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the runtime handlers of the configuration mean for shims. Immutable. */
public final class Handlers {
  private static final String NAMESPACE = "gantry";
  private static final String FILE_PREFIX = "containerd-shim-";
  private static final String RUNC = "containerd-shim-runc-";

  private final Config.Runtimes runtimes;
  private final Path state;
  private final List<Path> directories;

  /**
   * @param state a directory, below which each handler's OCI runtime keeps its own state
   * @param path as in the environment: where shims are looked for
   * @param own directory of gantry's own programs, looked through last; empty if there is none
   */
  public Handlers(Config.Runtimes runtimes, Path state, String path, Optional<Path> own) {
    this.runtimes = runtimes;
    this.state = state;
    List<Path> searched = new ArrayList<>();
    for (String directory : path.split(":")) {
      if (directory.startsWith("/")) {
        searched.add(Path.of(directory));
      }
    }
    own.ifPresent(searched::add);
    this.directories = List.copyOf(searched);
  }

  /** A handler that is configured no more shares nothing: its containers are to be ended only. */
  Sharing sharing(String handler) {
    return runtimes.find(handler).map(Config.Runtime::sharing).orElse(Sharing.CONTAINER);
  }

  /**
   * What gantry's shim is to be told when it creates a container of this handler.
   *
   * @throws IOException if the handler's shim is not installed
   */
  Optional<Any> options(String handler) throws IOException {
    Optional<Config.Runtime> runtime = runtimes.find(handler).filter(found -> !found.isOwn());
    if (runtime.isEmpty()) {
      return Optional.empty();
    }
    Path binary = binary(runtime.get());
    ForeignShim.Builder shim =
        ForeignShim.newBuilder().setBinary(binary.toString()).setNamespace(NAMESPACE);
    foreignOptions(runtime.get(), binary).ifPresent(shim::setOptions);
    return Optional.of(any("gantry.shim.v1.ForeignShim", shim.build()));
  }

  private Optional<Any> foreignOptions(Config.Runtime runtime, Path binary) {
    if (runtime.configPath().isPresent()) {
      String path = runtime.configPath().get().toString();
      return Optional.of(
          any(
              "runtimeoptions.v1.Options",
              io.gantry.proto.runtimeoptions.v1.Options.newBuilder().setConfigPath(path).build()));
    }
    if (!binary.getFileName().toString().startsWith(RUNC)) {
      return Optional.empty();
    }
    return Optional.of(
        any(
            "containerd.runc.v1.Options",
            Options.newBuilder()
                .setBinaryName(runtime.binaryName().orElse(""))
                .setRoot(state.resolve(runtime.name()).toString())
                .build()));
  }

  private static Any any(String type, MessageLite message) {
    return Any.newBuilder().setTypeUrl(type).setValue(message.toByteString()).build();
  }

  /**
   * Where a handler's shim is.
   *
   * @throws IOException if it is not there
   */
  public Path binary(Config.Runtime runtime) throws IOException {
    String shim = runtime.shim();
    if (shim.startsWith("/")) {
      if (Files.isExecutable(Path.of(shim))) {
        return Path.of(shim);
      }
      throw new IOException(
          "runtime handler " + runtime.name() + ": shim " + shim + " is not an executable file");
    }
    String file = fileName(shim);
    for (Path directory : directories) {
      Path candidate = directory.resolve(file);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    throw new IOException(
        "runtime handler %s: shim %s is not in PATH: install it, or give its absolute path as shim in [runtimes.%s]"
            .formatted(runtime.name(), file, runtime.name()));
  }

  /**
   * The OCI runtime that the handler's shim calls: a path, or a name to look for in PATH. Empty
   * where the shim is not runc's, which alone is told one.
   *
   * @throws IOException if the shim is not installed
   */
  public Optional<String> ociRuntime(Config.Runtime runtime) throws IOException {
    return binary(runtime).getFileName().toString().startsWith(RUNC)
        ? Optional.of(runtime.binaryName().orElse("runc"))
        : Optional.empty();
  }

  /** A dotted name stands for a file by its last two parts, as containerd has it. */
  private static String fileName(String shim) {
    String[] parts = shim.split("\\.");
    return shim.startsWith(FILE_PREFIX) || parts.length < 2
        ? shim
        : FILE_PREFIX + parts[parts.length - 2] + "-" + parts[parts.length - 1];
  }
}
