package io.gantry.image.distribution;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Talks to a registry the way a client does that does everything by hand. */
final class RegistryClientSide {

  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String base;
  private final List<String> headers = new ArrayList<>();

  RegistryClientSide(InetSocketAddress address) {
    this.base = "http://127.0.0.1:" + address.getPort();
  }

  /** With that header in every request. */
  RegistryClientSide always(String name, String value) {
    headers.add(name);
    headers.add(value);
    return this;
  }

  HttpResponse<byte[]> send(String method, String path, byte[] body, String... more)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    for (int i = 0; i < headers.size(); i += 2) {
      request.header(headers.get(i), headers.get(i + 1));
    }
    for (int i = 0; i < more.length; i += 2) {
      request.header(more[i], more[i + 1]);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> get(String path, String... more) throws IOException, InterruptedException {
    return send("GET", path, new byte[0], more);
  }

  HttpResponse<byte[]> post(String path) throws IOException, InterruptedException {
    return send("POST", path, new byte[0]);
  }

  HttpResponse<byte[]> delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, new byte[0]);
  }

  /** Begins an upload and returns its place. */
  String begin(String repository) throws IOException, InterruptedException {
    return location(post("/v2/" + repository + "/blobs/uploads/"));
  }

  static String location(HttpResponse<byte[]> response) {
    return header(response, "Location").orElseThrow();
  }

  static Optional<String> header(HttpResponse<byte[]> response, String name) {
    return response.headers().firstValue(name);
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /** Pushes a blob in one request. */
  Digest push(String repository, byte[] blob) throws IOException, InterruptedException {
    Digest digest = Digest.sha256(blob);
    HttpResponse<byte[]> response =
        send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest, blob);
    if (response.statusCode() != 201) {
      throw new IOException(response.statusCode() + " " + text(response));
    }
    return digest;
  }

  /** Pushes an image with one layer, under a tag, and returns its manifest's digest. */
  Digest pushImage(String repository, String tag, byte[] layer)
      throws IOException, InterruptedException {
    byte[] manifest =
        manifest(
            push(repository, "{}".getBytes(StandardCharsets.UTF_8)),
            push(repository, layer),
            layer.length,
            "");
    HttpResponse<byte[]> response =
        send("PUT", "/v2/" + repository + "/manifests/" + tag, manifest, "Content-Type", MANIFEST);
    if (response.statusCode() != 201) {
      throw new IOException(response.statusCode() + " " + text(response));
    }
    return Digest.sha256(manifest);
  }

  /**
   * @param more further fields, with a comma before each
   */
  static byte[] manifest(Digest config, Digest layer, long layerBytes, String more) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + MANIFEST
            + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
            + config
            + "\",\"size\":2},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\""
            + layer
            + "\",\"size\":"
            + layerBytes
            + "}]"
            + more
            + "}")
        .getBytes(StandardCharsets.UTF_8);
  }
}
