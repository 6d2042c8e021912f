package io.gantry.tests.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A plugin of the Node Resource Interface, made with the library that plugins are made with: what
 * it is told can be read here, and what it answers is ordered here. Closing disconnects it.
 */
public final class NriPlugin implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration FIRST_BUILD = Duration.ofMinutes(10);
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Process process;
  private final BufferedWriter orders;
  private final List<JsonNode> events = new ArrayList<>(); // guarded by itself

  private NriPlugin(Process process) {
    this.process = process;
    this.orders =
        new BufferedWriter(
            new java.io.OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread reader = new Thread(this::read, "nri-plugin-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** The plugin's program, from the cache or built. */
  public static Path program() {
    Path builder = Checkout.root().resolve("crictl-tests/tools/build-nri-plugin");
    return Path.of(
        Command.of(builder.toString()).within(FIRST_BUILD).run().orFail().stdout().strip());
  }

  /** Starts a plugin that connects, and returns at once. */
  public static NriPlugin start(Path socket, String index, String name) {
    ProcessBuilder builder =
        new ProcessBuilder(
            program().toString(), "-socket", socket.toString(), "-name", name, "-index", index);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      return new NriPlugin(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("start an NRI plugin", e);
    }
  }

  /** Starts a plugin and waits until it knows of all there is. */
  public static NriPlugin connect(Path socket, String index, String name) {
    NriPlugin plugin = start(socket, index, name);
    plugin.await("Synchronized");
    return plugin;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode event = JSON.readTree(line);
        synchronized (events) {
          events.add(event);
        }
      }
    } catch (IOException e) {
      // The process was ended.
    }
  }

  /**
   * Gives an order, see the plugin's source. It holds until another comes for the same event.
   *
   * @param order JSON in which ' stands for the quotation mark
   */
  public void order(String order) {
    try {
      orders.write(order.replace('\'', '"').replace("\n", " "));
      orders.newLine();
      orders.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("order an NRI plugin", e);
    }
  }

  /** What it was told so far, oldest first. */
  public List<JsonNode> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  /** What it was told of a pod or container, by the names of the calls. */
  public List<String> callsAbout(String id) {
    return events().stream()
        .filter(event -> about(event).equals(id))
        .map(event -> event.get("event").asText())
        .toList();
  }

  private static String about(JsonNode event) {
    return event.has("container")
        ? event.at("/container/id").asText()
        : event.at("/pod/id").asText();
  }

  /** Waits for the first event of this name. */
  public JsonNode await(String name) {
    return await(name, 1).get(0);
  }

  /** Waits for so many events of this name. */
  public List<JsonNode> await(String name, int count) {
    return Eventually.get(
        "NRI plugin is told " + name,
        SOON,
        () -> events().stream().filter(event -> name.equals(event.get("event").asText())).toList(),
        found -> found.size() >= count);
  }

  /** Waits until it was told this of this pod or container. */
  public JsonNode await(String name, String id) {
    return Eventually.get(
            "NRI plugin is told " + name + " of " + id,
            SOON,
            () ->
                events().stream()
                    .filter(event -> name.equals(event.get("event").asText()))
                    .filter(event -> about(event).equals(id))
                    .toList(),
            found -> !found.isEmpty())
        .get(0);
  }

  /** Whether it knows a container: from what it was told first, or by CreateContainer. */
  public boolean knows(String container) {
    return callsAbout(container).contains("CreateContainer")
        || events().stream()
            .filter(event -> event.get("event").asText().equals("Synchronize"))
            .flatMap(event -> texts(event.get("containers")).stream())
            .anyMatch(container::equals);
  }

  /** The texts of a JSON list. */
  public static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Stops it in its tracks, as a plugin that hangs. */
  public void freeze() {
    Command.of("kill", "-STOP", Long.toString(process.pid())).run().orFail();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
