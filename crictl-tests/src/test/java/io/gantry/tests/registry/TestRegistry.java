package io.gantry.tests.registry;

import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Debian's docker-registry on a free port of the loopback, and pushing to it.
 *
 * <p>Not thread-safe. Closing it ends the process; its storage is the caller's directory.
 */
public final class TestRegistry implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(20);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Process process;
  private final int port;
  private final Optional<Credentials> credentials;

  /** A user the registry asks for, if it asks at all. */
  public record Credentials(String user, String password, String bcryptHash) {
    String basic() {
      return "Basic "
          + Base64.getEncoder()
              .encodeToString(
                  (user + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private TestRegistry(Process process, int port, Optional<Credentials> credentials) {
    this.process = process;
    this.port = port;
    this.credentials = credentials;
  }

  /** Starts a registry that lets everybody in. */
  public static TestRegistry open(Path directory) {
    return start(directory, Optional.empty());
  }

  /** Starts a registry that asks for these credentials, by HTTP basic authentication. */
  public static TestRegistry guarded(Path directory, Credentials credentials) {
    return start(directory, Optional.of(credentials));
  }

  private static TestRegistry start(Path directory, Optional<Credentials> credentials) {
    try {
      Files.createDirectories(directory);
      int port = freePort();
      Path configuration = directory.resolve("config.yml");
      Files.writeString(configuration, configuration(directory, port, credentials));
      Process process =
          new ProcessBuilder("docker-registry", "serve", configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("registry.log").toFile())
              .start();
      TestRegistry registry = new TestRegistry(process, port, credentials);
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-registry"));
      Eventually.holds(
          "docker-registry answers, see " + directory.resolve("registry.log"),
          START,
          () -> registry.send(registry.request("/v2/").GET(), 200));
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException("start docker-registry in " + directory, e);
    }
  }

  private static String configuration(Path directory, int port, Optional<Credentials> credentials)
      throws IOException {
    String auth = "";
    if (credentials.isPresent()) {
      Path htpasswd = directory.resolve("htpasswd");
      Files.writeString(
          htpasswd, credentials.get().user() + ":" + credentials.get().bcryptHash() + "\n");
      auth = "auth:\n  htpasswd:\n    realm: gantry-tests\n    path: %s\n".formatted(htpasswd);
    }
    return """
        version: 0.1
        log:
          level: warn
        storage:
          filesystem:
            rootdirectory: %s
        http:
          addr: 127.0.0.1:%d
        """
            .formatted(directory.resolve("storage"), port)
        + auth;
  }

  /** HOST:PORT, as the first part of an image reference. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  public String url() {
    return "http://" + host();
  }

  /** The reference of an image of this registry. */
  public String reference(String nameAndTag) {
    return host() + "/" + nameAndTag;
  }

  /**
   * Pushes an image.
   *
   * @param name repository, without the registry's host
   * @return the manifest's digest
   */
  public String push(String name, String tag, TestImage image) {
    pushBlobs(name, image);
    putManifest(name, tag, image.format().manifest(), image.manifest());
    return image.digest();
  }

  /**
   * Pushes images as one index.
   *
   * @return the index's digest
   */
  public String pushIndex(String name, String tag, ManifestFormat format, List<TestImage> images) {
    for (TestImage image : images) {
      pushBlobs(name, image);
      putManifest(name, image.digest(), format.manifest(), image.manifest());
    }
    byte[] index = TestImage.index(format, images);
    putManifest(name, tag, format.index(), index);
    return Digests.sha256(index);
  }

  private void pushBlobs(String name, TestImage image) {
    image.layers().forEach(layer -> putBlob(name, layer.blob()));
    putBlob(name, image.configuration());
  }

  private void putBlob(String name, byte[] content) {
    String digest = Digests.sha256(content);
    HttpResponse<String> there =
        send(
            request("/v2/" + name + "/blobs/" + digest)
                .method("HEAD", HttpRequest.BodyPublishers.noBody()),
            200,
            404);
    if (there.statusCode() == 200) {
      return;
    }
    HttpResponse<String> session =
        send(
            request("/v2/" + name + "/blobs/uploads/").POST(HttpRequest.BodyPublishers.noBody()),
            202);
    String location = session.headers().firstValue("Location").orElseThrow();
    String target = location + (location.contains("?") ? "&" : "?") + "digest=" + digest;
    send(
        request(target)
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(content)),
        201);
  }

  private void putManifest(String name, String reference, String mediaType, byte[] manifest) {
    send(
        request("/v2/" + name + "/manifests/" + reference)
            .header("Content-Type", mediaType)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest)),
        201);
  }

  private HttpRequest.Builder request(String pathOrUrl) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(url()).resolve(pathOrUrl)).timeout(START);
    credentials.ifPresent(known -> builder.header("Authorization", known.basic()));
    return builder;
  }

  private HttpResponse<String> send(HttpRequest.Builder builder, int... expected) {
    HttpRequest request = builder.build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      for (int status : expected) {
        if (response.statusCode() == status) {
          return response;
        }
      }
      throw new IllegalStateException(
          "%s %s: %d %s"
              .formatted(request.method(), request.uri(), response.statusCode(), response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted at " + request.uri(), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
