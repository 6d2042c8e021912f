package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.proxy.ProxyAddress;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Sends requests, and says in words what is wrong where TLS fails. Thread-safe. */
final class Transport {

  private static final long LOOK_MILLIS = 500;

  private final HttpClient http;
  private final ClientKeys keys;
  private final ProxyRules proxies;

  /**
   * @param keys what the client shows to hosts
   * @param proxies those that {@code http} uses
   */
  Transport(HttpClient http, ClientKeys keys, ProxyRules proxies) {
    this.http = http;
    this.keys = keys;
    this.proxies = proxies;
  }

  /** Sends a request and waits for the head of the answer. */
  HttpResponse<Body> send(HttpRequest request, Cancellation cancellation) throws IOException {
    cancellation.check();
    CompletableFuture<HttpResponse<Body>> answer =
        http.sendAsync(withProxyPassword(request), info -> new Body());
    try {
      return cancellation.wait(() -> answer.cancel(true), answer::join);
    } catch (CancellationException e) {
      throw new ImageException(CANCELLED, "nobody waits for this any more", e);
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw inWords(request.uri(), io);
      }
      throw new IOException(e.getCause());
    }
  }

  /**
   * Sends a request with what it carries, as long as the other side takes some of it now and then.
   *
   * @param longestIdle how long it may take nothing, and how long it may be about its answer
   */
  HttpResponse<Body> send(
      HttpRequest request, Outgoing carried, Duration longestIdle, Cancellation cancellation)
      throws IOException {
    cancellation.check();
    CompletableFuture<HttpResponse<Body>> answer =
        http.sendAsync(withProxyPassword(request), info -> new Body());
    try {
      return cancellation.wait(
          () -> answer.cancel(true), () -> await(answer, carried, longestIdle));
    } catch (CancellationException e) {
      throw new ImageException(CANCELLED, "nobody waits for this any more", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw inWords(request.uri(), io);
      }
      throw new IOException(e.getCause());
    }
  }

  private static HttpResponse<Body> await(
      CompletableFuture<HttpResponse<Body>> answer, Outgoing carried, Duration longestIdle)
      throws ExecutionException {
    while (true) {
      try {
        return answer.get(Math.min(LOOK_MILLIS, longestIdle.toMillis()), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (carried.idle().compareTo(longestIdle) > 0) {
          answer.cancel(true);
          throw new ExecutionException(
              new HttpTimeoutException(
                  "no bytes were taken for " + longestIdle.toMillis() + " ms"));
        }
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted");
      }
    }
  }

  /**
   * Adds the proxy's password where one is in the way. The JDK takes care that it goes to the proxy
   * only: in the CONNECT for HTTPS, and nowhere if there is no proxy.
   */
  private HttpRequest withProxyPassword(HttpRequest request) {
    Optional<String> authorization =
        proxies.proxyFor(request.uri()).flatMap(ProxyAddress::authorization);
    return authorization.isEmpty()
        ? request
        : HttpRequest.newBuilder(request, (name, value) -> true)
            .setHeader("Proxy-Authorization", authorization.get())
            .build();
  }

  /** The host is named because after a redirect it is not the registry. */
  private IOException inWords(URI uri, IOException e) {
    Optional<String> words = aboutCertificate(uri.getRawAuthority(), e);
    if (words.isPresent()) {
      SSLException failure = new SSLHandshakeException(words.get());
      failure.initCause(e);
      return failure;
    }
    if (uri.getScheme().equals("https") && keys.lackFor(uri)) {
      String lack =
          uri.getRawAuthority()
              + " asked for a client certificate, and client in hosts.toml names none that it"
              + " takes: "
              + HostClient.words(e);
      // The type decides about trying again: a server that hangs up may have had other reasons.
      return e instanceof SSLException ? new SSLException(lack, e) : new IOException(lack, e);
    }
    return e;
  }

  private static Optional<String> aboutCertificate(String host, IOException e) {
    String certificate = "the certificate of " + host;
    CertificateException last = null;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertPathBuilderException) {
        return Optional.of(
            certificate
                + " is not trusted: it is signed by no authority that this system knows or that"
                + " ca in hosts.toml names");
      }
      if (cause instanceof CertificateExpiredException) {
        return Optional.of(certificate + " has expired: " + cause.getMessage());
      }
      if (cause instanceof CertificateNotYetValidException) {
        return Optional.of(certificate + " is not valid yet: " + cause.getMessage());
      }
      if (cause instanceof CertificateException found) {
        last = found;
      }
    }
    if (last == null) {
      return Optional.empty();
    }
    // The JDK's check of the name throws the bare type; what it finds in chains has causes.
    boolean name = last.getClass() == CertificateException.class && last.getCause() == null;
    return Optional.of(
        certificate + (name ? " is for another host: " : " is not trusted: ") + last.getMessage());
  }
}
