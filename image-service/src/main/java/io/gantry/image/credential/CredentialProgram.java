package io.gantry.image.credential;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.failure.ImageException;
import io.gantry.image.registry.Credentials;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that knows credentials, by the protocol of docker-credential-helpers: called with the
 * argument {@code get}, it reads the server's name from its input and writes a JSON object with
 * Username and Secret to its output. Where there are none it fails with words that say so.
 */
final class CredentialProgram {

  private static final String PREFIX = "docker-credential-";
  private static final int ANSWER_LIMIT_BYTES = 64 << 10;
  // A user of this name means that the secret is an identity token.
  private static final String TOKEN_USER = "<token>";
  // The words of docker-credential-helpers' package credentials, by which its users know.
  private static final String NONE_KEPT = "credentials not found";
  private static final String NO_SERVER = "no credentials server URL";
  private static final String NO_USER = "no credentials username";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final String program;
  private final Duration timeout;

  /**
   * @param name the helper as Docker's configuration names it ({@code ecr-login} is the program
   *     docker-credential-ecr-login), or a path
   * @param timeout how long it may run
   */
  CredentialProgram(String name, Duration timeout) {
    this.program = name.startsWith("/") ? name : PREFIX + name;
    this.timeout = timeout;
  }

  /**
   * Asks for the credentials of a server.
   *
   * @return anonymous if the helper has none
   * @throws ImageException UNAUTHORIZED if it cannot be run, takes too long or gives an answer of
   *     another form; the message never holds what it wrote
   */
  Credentials get(String server, Cancellation cancellation) throws ImageException {
    Process process;
    try {
      process =
          new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw failed(server, "it cannot be run: " + e.getMessage());
    }
    try {
      return cancellation.wait(process::destroyForcibly, () -> talk(process, server, cancellation));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Credentials talk(Process process, String server, Cancellation cancellation)
      throws ImageException {
    long end = System.nanoTime() + timeout.toNanos();
    FutureTask<byte[]> answer = new FutureTask<>(() -> exchange(process, server));
    Thread thread = new Thread(answer, "gantry-credential-helper");
    thread.setDaemon(true);
    thread.start();
    try {
      byte[] bytes = answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (bytes.length > ANSWER_LIMIT_BYTES) {
        throw failed(server, "its answer is longer than " + ANSWER_LIMIT_BYTES + " bytes");
      }
      if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw late(server);
      }
      cancellation.check();
      return credentials(server, process.exitValue(), bytes);
    } catch (TimeoutException e) {
      throw late(server);
    } catch (ExecutionException e) {
      cancellation.check();
      throw failed(server, "it broke off");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(CANCELLED, "interrupted", e);
    }
  }

  private static byte[] exchange(Process process, String server) throws IOException {
    try (OutputStream question = process.getOutputStream()) {
      question.write((server + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It did not wait for the question; its answer tells whether that matters.
    }
    try (InputStream in = process.getInputStream()) {
      return in.readNBytes(ANSWER_LIMIT_BYTES + 1);
    }
  }

  private Credentials credentials(String server, int exit, byte[] bytes) throws ImageException {
    if (exit != 0) {
      String words = new String(bytes, StandardCharsets.UTF_8);
      if (words.contains(NONE_KEPT) || words.contains(NO_SERVER) || words.contains(NO_USER)) {
        return new Credentials.Anonymous();
      }
      throw failed(server, "it ended with exit code " + exit);
    }
    JsonNode answer;
    try {
      answer = MAPPER.readTree(bytes);
    } catch (IOException e) {
      // Not its cause: it could quote the secret.
      throw failed(server, "its answer is not JSON");
    }
    if (!answer.isObject()) {
      throw failed(server, "its answer is not a JSON object");
    }
    String user = answer.path("Username").asText("");
    String secret = answer.path("Secret").asText("");
    if (user.isEmpty() && secret.isEmpty()) {
      return new Credentials.Anonymous();
    }
    return user.equals(TOKEN_USER)
        ? new Credentials.IdentityToken(secret)
        : new Credentials.Password(user, secret);
  }

  private ImageException late(String server) {
    return failed(server, "it took longer than " + timeout.toMillis() + " ms");
  }

  private ImageException failed(String server, String why) {
    return new ImageException(
        UNAUTHORIZED,
        "credential helper "
            + program
            + " for "
            + server
            + ": "
            + why
            + "; try it by hand: echo "
            + server
            + " | "
            + program
            + " get");
  }
}
