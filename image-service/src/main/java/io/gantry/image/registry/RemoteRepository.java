package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RegistryHost.Capability;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One repository, wherever it is to be had: mirrors are asked in their order, and each failure
 * falls through to the next, the registry itself last. Made for one pull; thread-safe, so that a
 * pull's downloads share its tokens.
 */
public final class RemoteRepository {

  /** The largest index, manifest or configuration taken; registries need to support 4 MiB only. */
  public static final int DOCUMENT_LIMIT_BYTES = 8 << 20;

  /** A manifest or index as it was served, verified against its digest. */
  public record Document(Digest digest, String mediaType, byte[] bytes) {}

  private interface Call<T> {
    T on(HostClient host) throws IOException;
  }

  private final Reference reference;
  private final List<HostClient> hosts;
  private final RegistrySettings settings;
  private final Crew crew;

  RemoteRepository(
      Reference reference, List<HostClient> hosts, RegistrySettings settings, Crew crew) {
    this.crew = crew;
    this.reference = reference;
    this.hosts = List.copyOf(hosts);
    this.settings = settings;
  }

  /**
   * Asks what digest the reference stands for, without fetching it: registries with quotas do not
   * count that.
   *
   * @return nothing if the registry does not say
   */
  public Optional<Digest> head(Cancellation cancellation) throws ImageException {
    return fromHosts(
        capability(),
        host -> {
          HostClient.Ask ask =
              new HostClient.Ask(
                  "HEAD", manifestPath(reference.manifestName()), accept(), Set.of(200));
          HttpResponse<Body> response = host.ask(ask, cancellation);
          response.body().close();
          return announced(response);
        });
  }

  /** Fetches the index or manifest that the reference stands for. */
  public Document resolve(Cancellation cancellation) throws ImageException {
    return fromHosts(
        capability(),
        host -> manifest(host, reference.manifestName(), reference.digest(), cancellation));
  }

  /** Fetches an index or manifest by digest. */
  public Document manifest(Descriptor descriptor, Cancellation cancellation) throws ImageException {
    Digest digest = descriptor.digest();
    return fromHosts(
        Capability.PULL,
        host -> manifest(host, digest.toString(), Optional.of(digest), cancellation));
  }

  /** Fetches what another tag of the repository stands for, if it has that tag. */
  public Optional<Document> tagged(String tag, Cancellation cancellation) throws ImageException {
    return ifThere(
        () ->
            fromHosts(
                Capability.RESOLVE, host -> manifest(host, tag, Optional.empty(), cancellation)));
  }

  /**
   * Fetches the index of those that say they belong to a manifest (OCI distribution specification,
   * "Listing Referrers"), if the registry keeps one.
   *
   * @param artifactType only those of this type are of interest; a registry may list others too
   */
  public Optional<byte[]> referrers(Digest subject, String artifactType, Cancellation cancellation)
      throws ImageException {
    String path =
        "/"
            + reference.repository()
            + "/referrers/"
            + subject
            + "?artifactType="
            + URLEncoder.encode(artifactType, StandardCharsets.UTF_8);
    HostClient.Ask ask =
        new HostClient.Ask("GET", path, Map.of("Accept", MediaTypes.OCI_INDEX), Set.of(200));
    return ifThere(
        () ->
            fromHosts(
                Capability.RESOLVE,
                host -> document("referrers of " + subject, host, ask, cancellation).bytes()));
  }

  private interface Question<T> {
    T ask() throws ImageException;
  }

  private static <T> Optional<T> ifThere(Question<T> question) throws ImageException {
    try {
      return Optional.of(question.ask());
    } catch (ImageException e) {
      if (e.kind() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Capability capability() {
    return reference.digest().isPresent() ? Capability.PULL : Capability.RESOLVE;
  }

  private Document manifest(
      HostClient host, String name, Optional<Digest> expected, Cancellation cancellation)
      throws IOException {
    HostClient.Ask ask = new HostClient.Ask("GET", manifestPath(name), accept(), Set.of(200));
    Answer answer = document("manifest " + name, host, ask, cancellation);
    byte[] bytes = answer.bytes();
    HttpResponse<Body> response = answer.response();
    Optional<Digest> wanted = expected.isPresent() ? expected : announced(response);
    Digest.Algorithm algorithm = wanted.map(Digest::algorithm).orElse(Digest.Algorithm.SHA256);
    Digest actual = Digest.finish(algorithm, algorithm.start().digest(bytes));
    if (wanted.isPresent() && !wanted.get().equals(actual)) {
      throw new ImageException(
          CORRUPT,
          "manifest "
              + wanted.get()
              + " arrived from "
              + host.host()
              + " with other content: its digest is "
              + actual);
    }
    return new Document(actual, response.headers().firstValue("Content-Type").orElse(""), bytes);
  }

  private record Answer(HttpResponse<Body> response, byte[] bytes) {}

  private Answer document(
      String what, HostClient host, HostClient.Ask ask, Cancellation cancellation)
      throws IOException {
    HttpResponse<Body> response = host.ask(ask, cancellation);
    try (Body body = response.body()) {
      return new Answer(
          response, body.readAll(DOCUMENT_LIMIT_BYTES, settings.patience(), cancellation));
    } catch (ImageException e) {
      throw e;
    } catch (Body.TooLarge e) {
      throw new ImageException(CORRUPT, what + " from " + host.host() + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ImageException(
          UNAVAILABLE, what + " from " + host.host() + ": " + HostClient.words(e), e);
    }
  }

  private static Optional<Digest> announced(HttpResponse<Body> response) {
    return response.headers().firstValue("Docker-Content-Digest").flatMap(RemoteRepository::parsed);
  }

  private static Optional<Digest> parsed(String digest) {
    try {
      return Optional.of(Digest.parse(digest));
    } catch (InvalidReferenceException ofNoUse) {
      return Optional.empty();
    }
  }

  private String manifestPath(String name) {
    return "/" + reference.repository() + "/manifests/" + name;
  }

  private static Map<String, String> accept() {
    return Map.of("Accept", String.join(", ", MediaTypes.ACCEPTED_MANIFESTS));
  }

  /**
   * Fetches a blob into the sink, over as many connections and hosts as it takes.
   *
   * @throws ImageException whatever failed last, or what the sink threw
   */
  public void blob(Descriptor descriptor, BlobSink sink, Cancellation cancellation)
      throws ImageException {
    String path = "/" + reference.repository() + "/blobs/" + descriptor.digest();
    fromHosts(
        Capability.PULL,
        host -> {
          try {
            new BlobDownload(host, path, descriptor, settings, crew, sink).run(cancellation);
          } catch (ImageException e) {
            if (e.kind() == CORRUPT) {
              sink.reset();
            }
            throw e;
          }
          return Boolean.TRUE;
        });
  }

  /** Fetches a blob in the order of its bytes; else as {@link #blob}. */
  public void stream(Descriptor descriptor, BlobStream stream, Cancellation cancellation)
      throws ImageException {
    blob(descriptor, new StreamSink(stream, descriptor.sizeBytes()), cancellation);
  }

  /**
   * Fetches a small blob into memory, verified against its digest.
   *
   * @throws ImageException CORRUPT if it is larger than {@link #DOCUMENT_LIMIT_BYTES}; else as
   *     {@link #blob}
   */
  public byte[] bytes(Descriptor descriptor, Cancellation cancellation) throws ImageException {
    if (descriptor.sizeBytes() > DOCUMENT_LIMIT_BYTES) {
      throw new ImageException(
          CORRUPT,
          descriptor.digest() + " has " + descriptor.sizeBytes() + " bytes, which is too many");
    }
    BytesStream bytes = new BytesStream(descriptor.digest());
    stream(descriptor, bytes, cancellation);
    return bytes.whole();
  }

  private <T> T fromHosts(Capability capability, Call<T> call) throws ImageException {
    List<HostClient> able = inOrder(capability);
    List<ImageException> failures = new ArrayList<>();
    for (HostClient host : able) {
      try {
        return call.on(host);
      } catch (ImageException e) {
        if (e.kind() == CANCELLED || e.kind() == STORAGE) {
          throw e;
        }
        failures.add(e);
      } catch (IOException e) {
        throw new ImageException(STORAGE, reference + ": " + e.getMessage(), e);
      }
    }
    throw combined(failures);
  }

  private List<HostClient> inOrder(Capability capability) {
    List<HostClient> up = new ArrayList<>();
    List<HostClient> down = new ArrayList<>();
    for (HostClient host : hosts) {
      if (host.host().capabilities().contains(capability)) {
        (host.isDown() ? down : up).add(host);
      }
    }
    up.addAll(down);
    return up;
  }

  /**
   * One failure that tells of all; its kind is that of the registry itself, which is asked last and
   * knows best.
   */
  private ImageException combined(List<ImageException> failures) {
    if (failures.isEmpty()) {
      return new ImageException(
          UNAVAILABLE, reference + ": no host is configured that may be asked");
    }
    ImageException last = failures.get(failures.size() - 1);
    List<String> words = failures.stream().map(Throwable::getMessage).toList();
    ImageException all =
        new ImageException(last.kind(), reference + ": " + String.join("; ", words), last);
    failures.subList(0, failures.size() - 1).forEach(all::addSuppressed);
    return all;
  }
}
