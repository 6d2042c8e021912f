package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gets bearer tokens: by GET with the password as Basic authentication, which every token server of
 * Docker's kind has, and by OAuth's POST where there is a refresh token or no GET (distribution's
 * "Token Authentication" and "OAuth 2" documents).
 */
final class TokenServer {

  private static final int LIMIT_BYTES = 1 << 20;
  private static final String CLIENT_ID = "gantry";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Transport transport;
  private final RegistryHost host;
  private final RegistrySettings settings;

  TokenServer(Transport transport, RegistryHost host, RegistrySettings settings) {
    this.transport = transport;
    this.host = host;
    this.settings = settings;
  }

  /**
   * Gets a token for what the challenge asks and the pull needs.
   *
   * @throws ImageException UNAUTHORIZED if the server refuses, UNAVAILABLE if it fails
   */
  String fetch(
      Challenge challenge, Credentials credentials, String scope, Cancellation cancellation)
      throws IOException {
    URI realm = realm(challenge, credentials);
    String service = challenge.parameter("service").orElse("");
    HttpResponse<Body> response;
    if (credentials instanceof Credentials.IdentityToken identity) {
      response =
          post(
              realm,
              form(
                  service,
                  scope,
                  List.of("grant_type", "refresh_token", "refresh_token", identity.token())),
              cancellation);
    } else if (credentials instanceof Credentials.Password password) {
      response = get(realm, service, scope, Optional.of(password), cancellation);
      if (response.statusCode() == 404 || response.statusCode() == 405) {
        response.body().close();
        List<String> grant =
            List.of(
                "grant_type",
                "password",
                "username",
                password.user(),
                "password",
                password.password());
        response = post(realm, form(service, scope, grant), cancellation);
      }
    } else {
      response = get(realm, service, scope, Optional.empty(), cancellation);
    }
    return token(realm, response, cancellation);
  }

  private URI realm(Challenge challenge, Credentials credentials) throws ImageException {
    String text = challenge.parameter("realm").orElse("");
    URI realm;
    try {
      realm = host.base().resolve(text);
    } catch (IllegalArgumentException e) {
      throw new ImageException(UNAUTHORIZED, host + " names a token server that is no URL", e);
    }
    boolean secret = !(credentials instanceof Credentials.Anonymous);
    if (secret && host.base().getScheme().equals("https") && !"https".equals(realm.getScheme())) {
      throw new ImageException(
          UNAUTHORIZED,
          host + " wants the credentials sent to " + realm.getRawAuthority() + " without TLS");
    }
    return realm;
  }

  private HttpResponse<Body> get(
      URI realm,
      String service,
      String scope,
      Optional<Credentials.Password> password,
      Cancellation cancellation)
      throws IOException {
    List<String> query = new ArrayList<>();
    if (!service.isEmpty()) {
      query.add("service=" + encode(service));
    }
    // Several are sent one by one ("Token Authentication", "Requesting a Token").
    for (String one : scope.split(" ")) {
      if (!one.isEmpty()) {
        query.add("scope=" + encode(one));
      }
    }
    password.ifPresent(p -> query.add("account=" + encode(p.user())));
    String separator = realm.getRawQuery() == null ? "?" : "&";
    String asked = query.isEmpty() ? "" : separator + String.join("&", query);
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(realm + asked)).GET();
    password.ifPresent(p -> request.setHeader("Authorization", Authenticator.basic(p)));
    return send(realm, request, cancellation);
  }

  private HttpResponse<Body> post(URI realm, String form, Cancellation cancellation)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(realm)
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .setHeader("Content-Type", "application/x-www-form-urlencoded");
    return send(realm, request, cancellation);
  }

  private static String form(String service, String scope, List<String> grant) {
    List<String> pairs = new ArrayList<>(grant);
    pairs.addAll(List.of("service", service, "scope", scope, "client_id", CLIENT_ID));
    StringBuilder form = new StringBuilder();
    for (int i = 0; i < pairs.size(); i += 2) {
      form.append(i == 0 ? "" : "&")
          .append(pairs.get(i))
          .append('=')
          .append(encode(pairs.get(i + 1)));
    }
    return form.toString();
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private HttpResponse<Body> send(URI realm, HttpRequest.Builder request, Cancellation cancellation)
      throws IOException {
    request
        .timeout(settings.patience().responseTimeout())
        .setHeader("User-Agent", settings.userAgent());
    if ("http".equals(realm.getScheme())) {
      request.version(HttpClient.Version.HTTP_1_1);
    }
    try {
      return transport.send(request.build(), cancellation);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(
          UNAVAILABLE,
          "token server "
              + realm.getRawAuthority()
              + " could not be reached: "
              + HostClient.words(e),
          e);
    }
  }

  private String token(URI realm, HttpResponse<Body> response, Cancellation cancellation)
      throws IOException {
    int status = response.statusCode();
    if (status != 200) {
      String words =
          "token server "
              + realm.getRawAuthority()
              + " answered "
              + status
              + ErrorBody.words(response, settings.patience(), cancellation);
      throw new ImageException(status >= 500 || status == 429 ? UNAVAILABLE : UNAUTHORIZED, words);
    }
    try (Body body = response.body()) {
      JsonNode answer =
          MAPPER.readTree(body.readAll(LIMIT_BYTES, settings.patience(), cancellation));
      String token = answer.path("token").asText(answer.path("access_token").asText(""));
      if (!token.matches("[\\x21-\\x7e]+")) {
        throw new ImageException(
            UNAUTHORIZED, "token server " + realm.getRawAuthority() + " gave no token");
      }
      return token;
    } catch (JsonProcessingException e) {
      // Not its message: it could quote the token.
      throw new ImageException(
          UNAUTHORIZED,
          "token server " + realm.getRawAuthority() + " gave an answer that is not JSON");
    }
  }
}
