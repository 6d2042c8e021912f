package io.gantry.docker.cli.api;

import io.gantry.docker.cli.http.Body;
import io.gantry.docker.cli.http.HttpClient;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonFailure;
import io.gantry.docker.cli.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls of the Engine API. Nobody is pinged first: calls name the version that this program was
 * written for, and an engine that is older says which one it has.
 */
public final class Api {
  /** The newest version whose answers this program knows. */
  public static final String NEWEST = "1.50";

  private static final int MAX_ERROR = 1 << 20;

  private final HttpClient client;
  private String version;
  private final boolean fixed;

  /**
   * @param version to speak
   * @param fixed true if the user asked for just that one
   */
  public Api(HttpClient client, String version, boolean fixed) {
    this.client = client;
    this.version = version;
    this.fixed = fixed;
  }

  /** The version that is spoken. */
  public String version() {
    return version;
  }

  /** Where the engine listens. */
  public String endpoint() {
    return client.endpoint().toString();
  }

  public Json get(Query query) throws IOException {
    return json(call(Request.of("GET", query.toString())));
  }

  public Json post(Query query) throws IOException {
    return json(call(Request.of("POST", query.toString())));
  }

  public Json post(Query query, Json body) throws IOException {
    return json(call(Request.of("POST", query.toString()).with(Body.json(body.toString()))));
  }

  public Json delete(Query query) throws IOException {
    return json(call(Request.of("DELETE", query.toString())));
  }

  /** An answer that is good, with its body unread. The caller closes it. */
  public Response call(Request request) throws IOException {
    return checked(request, false);
  }

  /** A connection for raw use. The caller closes it. */
  public Response hijack(Query query, Json body) throws IOException {
    Request request = Request.of("POST", query.toString());
    return checked(body.isNull() ? request : request.with(Body.json(body.toString())), true);
  }

  private Response checked(Request request, boolean hijack) throws IOException {
    if (request.body().isPresent() && request.body().get().length() < 0) {
      settleVersion(); // what streams cannot be sent twice
    }
    Response response = sent(request, hijack);
    if (response.status() < 400) {
      return response;
    }
    ApiFailure failure = failure(response);
    String other = supported(failure);
    if (other == null || fixed) {
      throw failure;
    }
    version = other;
    Response second = sent(request, hijack);
    if (second.status() < 400) {
      return second;
    }
    throw failure(second);
  }

  private void settleVersion() throws IOException {
    if (fixed) {
      return;
    }
    try (Response pong = client.send(Request.of("GET", "/_ping"))) {
      String newest = pong.header("Api-Version").orElse(version);
      version = older(newest, version) ? newest : version;
    }
  }

  private static boolean older(String one, String other) {
    return minor(one) < minor(other);
  }

  private static int minor(String version) {
    int dot = version.indexOf('.');
    try {
      return Integer.parseInt(version.substring(dot + 1));
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE; // no version that we know: keep ours
    }
  }

  private Response sent(Request request, boolean hijack) throws IOException {
    Request versioned =
        new Request(
            request.method(), "/v" + version + request.target(), request.headers(), request.body());
    return hijack ? client.hijack(versioned) : client.send(versioned);
  }

  private static ApiFailure failure(Response response) throws IOException {
    try (response) {
      String text = new String(response.body().readNBytes(MAX_ERROR), StandardCharsets.UTF_8);
      return new ApiFailure(response.status(), words(text, response.status()));
    }
  }

  private static String words(String body, int status) {
    try {
      String message = Json.parse(body).get("message").text();
      if (!message.isEmpty()) {
        return message.stripTrailing();
      }
    } catch (JsonFailure e) {
      // some say it in plain text
    }
    return body.isBlank() ? "status " + status + " without a message" : body.strip();
  }

  /** The newest version of an engine that is older than this program, or null. */
  private static String supported(ApiFailure failure) {
    if (failure.status() != 400 || !failure.words().contains("too new")) {
      return null;
    }
    Matcher matcher =
        Pattern.compile("[Mm]aximum supported API version is (1\\.\\d+)").matcher(failure.words());
    return matcher.find() ? matcher.group(1) : null;
  }

  private static Json json(Response response) throws IOException {
    try (response;
        JsonReader reader = new JsonReader(response.body())) {
      return reader.next().orElse(Json.NULL);
    }
  }

  /** The value of the header X-Registry-Auth and its like: JSON in base64 for URLs. */
  public static String header(Json value) {
    return java.util.Base64.getUrlEncoder()
        .encodeToString(value.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Reads values as they come, until the stream ends. */
  public static JsonReader stream(InputStream body) throws IOException {
    return new JsonReader(body);
  }
}
