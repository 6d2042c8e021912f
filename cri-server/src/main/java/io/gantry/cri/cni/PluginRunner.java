package io.gantry.cri.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Runs plugins: JSON in, JSON out, errors in words. A plugin that does not end in time is killed,
 * and one that talks without end is cut. Thread-safe.
 */
final class PluginRunner {
  private static final int MAX_OUTPUT_BYTES = 1 << 20;
  private static final int MAX_QUOTED_CHARACTERS = 2000;

  private final List<Path> directories;
  private final Duration timeout;
  private final ObjectMapper json = new ObjectMapper();

  PluginRunner(List<Path> directories, Duration timeout) {
    this.directories = List.copyOf(directories);
    this.timeout = timeout;
  }

  /**
   * Runs one plugin and waits for it.
   *
   * @param request its configuration, complete
   * @return what it printed; an empty object if nothing
   * @throws CniException if it is not installed, fails, takes too long, or prints what is no JSON
   */
  JsonNode run(CniCommand command, Invocation invocation, String type, JsonNode request)
      throws CniException, InterruptedException {
    Path executable = find(type);
    var builder = new ProcessBuilder(executable.toString());
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(List.of("PATH")); // Plugins call iptables and the like.
    environment.put("CNI_COMMAND", command.name());
    environment.put("CNI_PATH", join(directories));
    if (command != CniCommand.STATUS) {
      environment.put("CNI_CONTAINERID", invocation.containerId());
      environment.put("CNI_NETNS", invocation.namespace());
      environment.put("CNI_IFNAME", invocation.interfaceName());
      environment.put("CNI_ARGS", invocation.argumentText());
    }
    String attempt = "CNI plugin %s %s".formatted(type, command);
    try {
      Process process = builder.start();
      try {
        return converse(attempt, process, request);
      } finally {
        // Children of a plugin may hold its output open; nothing of a call outlives the call.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw e instanceof CniException cni ? cni : new CniException(attempt, e);
    }
  }

  private JsonNode converse(String attempt, Process process, JsonNode request)
      throws IOException, InterruptedException {
    CompletableFuture<byte[]> output = collect(process.getInputStream());
    CompletableFuture<byte[]> errors = collect(process.getErrorStream());
    try (OutputStream input = process.getOutputStream()) {
      input.write(json.writeValueAsBytes(request));
    } catch (IOException e) {
      // A plugin may fail before it has read everything; its own words say why.
    }
    if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new CniException(
          "%s: killed after %d s without an end".formatted(attempt, timeout.toSeconds()));
    }
    byte[] printed = await(output, attempt);
    if (process.exitValue() != 0) {
      throw failed(attempt, process.exitValue(), printed, await(errors, attempt));
    }
    if (printed.length == 0) {
      return json.createObjectNode();
    }
    try {
      return json.readTree(printed);
    } catch (JsonProcessingException e) {
      throw new CniException(
          "%s: printed what is no JSON (%s): %s"
              .formatted(attempt, e.getOriginalMessage(), quote(printed)));
    }
  }

  private CniException failed(String attempt, int status, byte[] printed, byte[] errors) {
    try {
      JsonNode error = json.readTree(printed);
      if (error.hasNonNull("msg")) {
        String details = error.path("details").asText();
        return new CniException(
            "%s: %s%s (code %d)"
                .formatted(
                    attempt,
                    error.get("msg").asText(),
                    details.isEmpty() ? "" : ": " + details,
                    error.path("code").asInt()));
      }
    } catch (IOException e) {
      // Not the error object that the specification asks for; quoted as it is below.
    }
    return new CniException(
        "%s: exit status %d: %s %s".formatted(attempt, status, quote(printed), quote(errors)));
  }

  /** Whether a plugin of that type is installed. */
  boolean has(String type) {
    return locate(type).isPresent();
  }

  /**
   * Finds a plugin.
   *
   * @throws CniException if it is not installed
   */
  Path find(String type) throws CniException {
    return locate(type)
        .orElseThrow(
            () ->
                new CniException("CNI plugin %s is not in %s".formatted(type, join(directories))));
  }

  private Optional<Path> locate(String type) {
    return directories.stream()
        .map(directory -> directory.resolve(type))
        .filter(candidate -> Files.isRegularFile(candidate) && Files.isExecutable(candidate))
        .findFirst();
  }

  private static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(":"));
  }

  /** Reads to the end, keeping only as much as a plugin may reasonably say. */
  private static CompletableFuture<byte[]> collect(InputStream stream) {
    var result = new CompletableFuture<byte[]>();
    var thread =
        new Thread(
            () -> {
              try (stream) {
                byte[] kept = stream.readNBytes(MAX_OUTPUT_BYTES);
                stream.transferTo(OutputStream.nullOutputStream());
                result.complete(kept);
              } catch (IOException e) {
                result.complete(new byte[0]); // The process was killed; that is told elsewhere.
              }
            },
            "cni-output");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  /** The plugin has ended; only a child that holds its output open can keep this waiting. */
  private byte[] await(CompletableFuture<byte[]> output, String attempt)
      throws CniException, InterruptedException {
    try {
      return output.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CniException(attempt + ": ended, but a child of it holds its output open");
    } catch (ExecutionException e) {
      throw new AssertionError("never completed exceptionally", e);
    }
  }

  private static String quote(byte[] text) {
    String quoted = new String(text, StandardCharsets.UTF_8).strip();
    return quoted.length() <= MAX_QUOTED_CHARACTERS
        ? quoted
        : quoted.substring(0, MAX_QUOTED_CHARACTERS) + "…";
  }
}
