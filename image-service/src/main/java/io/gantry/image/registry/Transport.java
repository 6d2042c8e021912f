package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Sends requests, and says in words what is wrong where TLS fails. Thread-safe. */
final class Transport {

  private final HttpClient http;
  private final ClientKeys keys;

  /**
   * @param keys what the client shows to hosts
   */
  Transport(HttpClient http, ClientKeys keys) {
    this.http = http;
    this.keys = keys;
  }

  /** Sends a request and waits for the head of the answer. */
  HttpResponse<Body> send(HttpRequest request, Cancellation cancellation) throws IOException {
    cancellation.check();
    CompletableFuture<HttpResponse<Body>> answer = http.sendAsync(request, info -> new Body());
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
