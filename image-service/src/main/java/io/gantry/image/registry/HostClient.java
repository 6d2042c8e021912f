package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;
import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Talks to one host on behalf of one pull: follows redirects, answers challenges, tries again what
 * may get better, and turns every other outcome into a typed failure in words. Thread-safe.
 */
final class HostClient {

  private static final int REDIRECT_LIMIT = 10;
  private static final int CHALLENGE_LIMIT = 2;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /**
   * What to ask.
   *
   * @param path below the host's base, such as {@code /library/busybox/manifests/latest}; or a
   *     whole URL that the host itself has named
   * @param headers of this request alone
   * @param carried what is sent with it
   */
  record Ask(
      String method,
      String path,
      Map<String, String> headers,
      Set<Integer> accepted,
      Optional<Outgoing> carried) {
    Ask {
      headers = Map.copyOf(headers);
      accepted = Set.copyOf(accepted);
    }

    Ask(String method, String path, Map<String, String> headers, Set<Integer> accepted) {
      this(method, path, headers, accepted, Optional.empty());
    }

    /** The same, with a body. */
    Ask carrying(Outgoing body) {
      return new Ask(method, path, headers, accepted, Optional.of(body));
    }
  }

  private final RegistryHost host;
  private final Transport transport;
  private final Authenticator authenticator;
  private final RegistrySettings settings;
  private final Backoff backoff;
  private final Waiting waiting;
  private final Optional<String> namespace;
  private volatile boolean down;

  /**
   * How waiting is shared.
   *
   * @param pauses of this pull
   * @param gates of this node
   */
  record Waiting(Pauses pauses, Gates gates) {}

  /**
   * @param namespace the registry that a mirror is asked to stand in for
   */
  HostClient(
      RegistryHost host,
      Transport transport,
      Authenticator authenticator,
      RegistrySettings settings,
      Waiting waiting,
      Optional<String> namespace) {
    this.host = host;
    this.transport = transport;
    this.authenticator = authenticator;
    this.settings = settings;
    this.backoff =
        new Backoff(settings.patience().firstBackoff(), settings.patience().longestBackoff());
    this.waiting = waiting;
    this.namespace = namespace;
  }

  RegistryHost host() {
    return host;
  }

  /** Whether it could not be reached earlier in this pull, so that others should be asked first. */
  boolean isDown() {
    return down;
  }

  /** Waits before trying again; false if the pull has waited long enough in all. */
  boolean pause(int failures, Cancellation cancellation) throws ImageException {
    return waiting.pauses().pause(backoff.after(failures), cancellation);
  }

  /** Waits while the host wants to be left alone. */
  private void heedGate(Cancellation cancellation) throws ImageException {
    Duration left = waiting.gates().left(authority());
    if (left.isZero()) {
      return;
    }
    boolean patient = left.compareTo(settings.patience().longestBackoff()) <= 0;
    if (!patient || !waiting.pauses().pause(left, cancellation)) {
      throw new ImageException(
          UNAVAILABLE,
          host + " has asked not to be asked for another " + (left.toSeconds() + 1) + " s");
    }
  }

  private String authority() {
    return host.base().getRawAuthority();
  }

  /**
   * Asks, and tries again on failures that may pass: 5xx, 429 and broken connections.
   *
   * @return an answer with one of the accepted status codes; the caller closes its body
   */
  HttpResponse<Body> ask(Ask ask, Cancellation cancellation) throws ImageException {
    for (int attempt = 1; ; attempt++) {
      heedGate(cancellation);
      HttpResponse<Body> response;
      try {
        response = once(ask, cancellation);
      } catch (ImageException e) {
        throw e;
      } catch (IOException e) {
        boolean last = attempt >= settings.patience().attempts() || !mayPass(e);
        if (last || !pause(attempt, cancellation)) {
          down = true;
          throw new ImageException(UNAVAILABLE, host + " could not be reached: " + words(e), e);
        }
        continue;
      }
      if (ask.accepted().contains(response.statusCode())) {
        return response;
      }
      Optional<Duration> pause = backoff.after(attempt, response);
      Backoff.asked(response)
          .filter(asked -> response.statusCode() == 429 || response.statusCode() == 503)
          .ifPresent(asked -> waiting.gates().close(authority(), asked));
      if (attempt >= settings.patience().attempts()
          || pause.isEmpty()
          || !waiting.pauses().pause(pause.get(), cancellation)) {
        throw failure(response, cancellation);
      }
      response.body().close();
    }
  }

  /**
   * Asks, and leaves it to the caller to judge the answer and to try again.
   *
   * @return any answer; the caller closes its body
   * @throws ImageException for what will not pass
   * @throws IOException if the connection broke
   */
  HttpResponse<Body> tryOnce(Ask ask, Cancellation cancellation) throws IOException {
    heedGate(cancellation);
    try {
      return once(ask, cancellation);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      if (!mayPass(e)) {
        down = true;
        throw new ImageException(UNAVAILABLE, host + " could not be reached: " + words(e), e);
      }
      throw e;
    }
  }

  /** Whether asking again after that answer may help. */
  boolean mayPass(HttpResponse<Body> answer) {
    return backoff.after(1, answer).isPresent();
  }

  /**
   * Waits before trying again, as long as the answer asks for if there was one.
   *
   * @return false if the work has waited long enough in all
   */
  boolean pause(int failures, Optional<HttpResponse<Body>> answer, Cancellation cancellation)
      throws ImageException {
    Duration pause =
        answer
            .flatMap(one -> backoff.after(failures, one))
            .orElseGet(() -> backoff.after(failures));
    return waiting.pauses().pause(pause, cancellation);
  }

  /**
   * The URL that an answer names, for requests to come.
   *
   * @throws ImageException CORRUPT if it names none, or one that must not be used
   */
  URI location(HttpResponse<Body> response) throws ImageException {
    String named = response.headers().firstValue("Location").orElse("");
    URI uri;
    try {
      uri = response.uri().resolve(named);
    } catch (IllegalArgumentException e) {
      throw new ImageException(CORRUPT, host + " names a place for an upload that is no URL", e);
    }
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (named.isEmpty() || !http || uri.getHost() == null) {
      throw new ImageException(CORRUPT, host + " names no place for an upload");
    }
    if ("https".equals(response.uri().getScheme()) && "http".equals(uri.getScheme())) {
      throw new ImageException(
          CORRUPT, host + " wants an upload sent to " + uri.getRawAuthority() + " without TLS");
    }
    return uri;
  }

  /**
   * A refused connection, an unknown name or a failed handshake is the same a second later; others
   * may differ.
   */
  private static boolean mayPass(IOException e) {
    return !(e instanceof ConnectException) && !(e instanceof SSLException);
  }

  /** Asks once, as the host wants it asked: with a token, and wherever it points to. */
  private HttpResponse<Body> once(Ask ask, Cancellation cancellation) throws IOException {
    for (int challenges = 0; ; challenges++) {
      Optional<String> authorization = authenticator.header();
      HttpResponse<Body> response = follow(ask, authorization, cancellation);
      boolean challenged =
          response.statusCode() == 401
              && response.uri().getRawAuthority().equals(host.base().getRawAuthority());
      if (!challenged || challenges >= CHALLENGE_LIMIT) {
        return response;
      }
      List<Challenge> offers = Challenge.parse(response.headers().allValues("WWW-Authenticate"));
      if (!authenticator.answer(offers, authorization, cancellation)) {
        return response;
      }
      response.body().close();
    }
  }

  private HttpResponse<Body> follow(
      Ask ask, Optional<String> authorization, Cancellation cancellation) throws IOException {
    URI uri = firstUri(ask.path());
    URI origin = host.base();
    for (int hops = 0; hops <= REDIRECT_LIMIT; hops++) {
      HttpResponse<Body> response =
          send(
              ask,
              uri,
              sameHost(uri, origin) ? authorization : Optional.empty(),
              sameHost(uri, origin),
              cancellation);
      if (!REDIRECTS.contains(response.statusCode())) {
        return response;
      }
      response.body().close();
      URI next = uri.resolve(response.headers().firstValue("Location").orElse(""));
      if (!Set.of("http", "https").contains(String.valueOf(next.getScheme()))
          || next.getHost() == null) {
        throw new ImageException(
            CORRUPT, host + " redirects to \"" + next.getScheme() + "\", which is not HTTP");
      }
      if (uri.getScheme().equals("https") && next.getScheme().equals("http")) {
        throw new ImageException(
            CORRUPT, host + " redirects from HTTPS to plain HTTP at " + next.getRawAuthority());
      }
      uri = next;
    }
    throw new ImageException(CORRUPT, host + " redirects more than " + REDIRECT_LIMIT + " times");
  }

  private URI firstUri(String path) {
    if (path.startsWith("http://") || path.startsWith("https://")) {
      return URI.create(path);
    }
    String query =
        namespace
            .map(
                ns ->
                    (path.contains("?") ? "&ns=" : "?ns=")
                        + ns.replace(":", "%3A").replace("[", "%5B").replace("]", "%5D"))
            .orElse("");
    return URI.create(host.base() + path + query);
  }

  private static boolean sameHost(URI one, URI other) {
    return one.getScheme().equals(other.getScheme())
        && one.getRawAuthority().equalsIgnoreCase(other.getRawAuthority());
  }

  private HttpResponse<Body> send(
      Ask ask, URI uri, Optional<String> authorization, boolean ownHost, Cancellation cancellation)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(
                ask.method(),
                ask.carried()
                    .map(Outgoing::publisher)
                    .orElseGet(HttpRequest.BodyPublishers::noBody));
    if (ask.carried().isEmpty()) {
      request.timeout(settings.patience().responseTimeout());
    }
    if (uri.getScheme().equals("http")) {
      // Over plain HTTP the client would offer an upgrade to HTTP/2, which not every server
      // survives.
      request.version(HttpClient.Version.HTTP_1_1);
    }
    request.setHeader("User-Agent", settings.userAgent());
    if (ownHost) {
      host.headers()
          .forEach((name, values) -> values.forEach(value -> request.header(name, value)));
    }
    ask.headers().forEach(request::setHeader);
    authorization.ifPresent(value -> request.setHeader("Authorization", value));
    return ask.carried().isEmpty()
        ? transport.send(request.build(), cancellation)
        : transport.send(request.build(), ask.carried().get(), longestIdle(), cancellation);
  }

  /** A registry may be as slow to take bytes as to answer when it has them all. */
  private Duration longestIdle() {
    Duration answering = settings.patience().responseTimeout();
    Duration taking = settings.patience().noProgressTimeout();
    return answering.compareTo(taking) > 0 ? answering : taking;
  }

  /** Turns an answer that is no help into words, with what the registry itself has to say. */
  ImageException failure(HttpResponse<Body> response, Cancellation cancellation) {
    int status = response.statusCode();
    String words =
        host + " answered " + status + ErrorBody.words(response, settings.patience(), cancellation);
    return switch (status) {
      case 401, 403 -> new ImageException(UNAUTHORIZED, words + authenticator.hint());
      case 404 -> new ImageException(NOT_FOUND, words);
      default -> new ImageException(status >= 500 || status == 429 ? UNAVAILABLE : CORRUPT, words);
    };
  }

  /**
   * An exception's message, or its type where the JDK gives none, as it does for a refused
   * connection.
   */
  static String words(IOException e) {
    if (e instanceof ConnectException && e.getMessage() == null) {
      Throwable cause = e.getCause();
      boolean unknownHost =
          cause instanceof java.nio.channels.UnresolvedAddressException
              || cause instanceof ConnectException inner && inner.getMessage() == null;
      return unknownHost
          ? "its name cannot be resolved, or the connection was refused"
          : "connection refused";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
