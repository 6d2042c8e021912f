package io.gantry.image.build;

import io.gantry.image.reference.Digest;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A file fetched by HTTP.
 *
 * @param contentType as the server says, in lower case; empty if it does not
 * @param modified when the server says it was changed
 */
record Download(
    Path file, Digest digest, long sizeBytes, String contentType, Optional<Timestamp> modified) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long BYTES_LIMIT = 8L << 30;
  private static final int OK = 200;

  /** Whether a source is one that is fetched. */
  static boolean isUrl(String source) {
    String lower = source.toLowerCase(Locale.ROOT);
    return lower.startsWith("http://") || lower.startsWith("https://");
  }

  /** Whether a source is a git repository, by the forms that Docker knows them by. */
  static boolean isGit(String source) {
    return source.startsWith("git://")
        || source.startsWith("git@")
        || source.startsWith("ssh://")
        || source.startsWith("github.com/")
        || isUrl(source) && source.replaceFirst("#.*", "").endsWith(".git");
  }

  /**
   * Fetches a file.
   *
   * @param to where to; removed again when it fails
   */
  static Download fetch(String url, Path to, Cancellation cancellation) throws IOException {
    try {
      HttpResponse<InputStream> answer = ask(url, cancellation);
      try (InputStream body = answer.body()) {
        if (answer.statusCode() != OK) {
          throw new BuildException(
              "fetch " + url + ": the server answered with status " + answer.statusCode());
        }
        return cancellation.wait(
            () -> close(body), () -> write(url, to, answer, body, cancellation));
      }
    } catch (IllegalArgumentException e) {
      throw new BuildException("\"" + url + "\" is no URL: " + e.getMessage());
    } catch (BuildException e) {
      throw e;
    } catch (IOException e) {
      Files.deleteIfExists(to);
      cancellation.check();
      throw new IOException("fetch " + url + ": " + e.getMessage(), e);
    }
  }

  private static HttpResponse<InputStream> ask(String url, Cancellation cancellation)
      throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    try {
      return cancellation.wait(() -> answer.cancel(true), answer::join);
    } catch (CancellationException e) {
      cancellation.check();
      throw new IOException("cancelled", e);
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // Whoever reads it is told.
    }
  }

  private static Download write(
      String url,
      Path to,
      HttpResponse<InputStream> answer,
      InputStream body,
      Cancellation cancellation)
      throws IOException {
    MessageDigest hash = Digest.Algorithm.SHA256.start();
    long size = 0;
    try (OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[64 << 10];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        cancellation.check();
        size += n;
        if (size > BYTES_LIMIT) {
          throw new BuildException(
              "fetch " + url + ": it is larger than " + BYTES_LIMIT + " bytes");
        }
        hash.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    return new Download(
        to,
        Digest.finish(Digest.Algorithm.SHA256, hash.digest()),
        size,
        answer.headers().firstValue("content-type").orElse("").toLowerCase(Locale.ROOT),
        answer.headers().firstValue("last-modified").flatMap(Download::time));
  }

  private static Optional<Timestamp> time(String header) {
    try {
      Instant time = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header));
      return Optional.of(new Timestamp(time.getEpochSecond(), 0));
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }

  /** What a file is called by a URL's path; empty if it does not say. */
  static String nameIn(String url) {
    String path = URI.create(url).getPath();
    return path == null ? "" : path.substring(path.lastIndexOf('/') + 1);
  }
}
