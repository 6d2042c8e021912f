package io.gantry.tests.tools;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What web servers answer. */
public final class Web {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Web() {}

  /**
   * Asks once.
   *
   * @return the body, whatever the status is
   * @throws IOException if nobody answers
   */
  public static String get(URI address) throws IOException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(address).timeout(Patience.of(Duration.ofSeconds(30))).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking " + address, e);
    }
  }
}
