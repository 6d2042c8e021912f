package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;

/** One repository to send to. Made for one push; thread-safe, so that its uploads share tokens. */
public final class PushRepository {

  private final Reference reference;
  private final HostClient host;
  private final RegistrySettings settings;

  PushRepository(Reference reference, HostClient host, RegistrySettings settings) {
    this.reference = reference;
    this.host = host;
    this.settings = settings;
  }

  private String path(String rest) {
    return "/" + reference.repository() + "/" + rest;
  }

  /** Whether the repository has a blob. */
  public boolean hasBlob(Digest digest, Cancellation cancellation) throws ImageException {
    HttpResponse<Body> response =
        host.ask(
            new HostClient.Ask("HEAD", path("blobs/" + digest), Map.of(), Set.of(200, 404)),
            cancellation);
    response.body().close();
    return response.statusCode() == 200;
  }

  /**
   * What a name stands for there, or whether a manifest is there.
   *
   * @param name a tag or a digest
   * @return nothing if there is none, or the registry does not tell its digest
   */
  public Optional<Digest> manifest(String name, Cancellation cancellation) throws ImageException {
    HttpResponse<Body> response =
        host.ask(
            new HostClient.Ask(
                "HEAD",
                path("manifests/" + name),
                Map.of("Accept", String.join(", ", MediaTypes.ACCEPTED_MANIFESTS)),
                Set.of(200, 404)),
            cancellation);
    response.body().close();
    return response.statusCode() == 200
        ? response.headers().firstValue("Docker-Content-Digest").flatMap(PushRepository::parsed)
        : Optional.empty();
  }

  private static Optional<Digest> parsed(String digest) {
    try {
      return Optional.of(Digest.parse(digest));
    } catch (InvalidReferenceException ofNoUse) {
      return Optional.empty();
    }
  }

  /** How a registry answered the wish to take a blob from another of its repositories. */
  public sealed interface Mount {
    /** It has taken it. */
    record Done() implements Mount {}

    /** It has not, and begun an upload instead. */
    record Upload(URI location) implements Mount {}
  }

  /** Asks the registry to take a blob from another of its repositories. */
  public Mount mount(Digest digest, String from, Cancellation cancellation) throws IOException {
    String query = "?mount=" + encoded(digest.toString()) + "&from=" + encoded(from);
    HttpResponse<Body> response =
        host.ask(
            new HostClient.Ask("POST", path("blobs/uploads/") + query, Map.of(), Set.of(201, 202)),
            cancellation);
    response.body().close();
    return response.statusCode() == 201
        ? new Mount.Done()
        : new Mount.Upload(host.location(response));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /**
   * Sends a blob.
   *
   * @param begun the upload that a refused mount has begun
   * @param progress told how many bytes are there
   */
  public void upload(
      Descriptor blob,
      BlobSource source,
      Optional<URI> begun,
      LongConsumer progress,
      Cancellation cancellation)
      throws ImageException {
    try {
      new BlobUpload(host, path("blobs/uploads/"), blob, source, begun, settings, progress)
          .run(cancellation);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(STORAGE, "blob " + blob.digest() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Sends a manifest or index.
   *
   * @param name a tag, or its digest
   */
  public void put(String name, Descriptor document, byte[] bytes, Cancellation cancellation)
      throws ImageException {
    HttpResponse<Body> response =
        host.ask(
            new HostClient.Ask(
                    "PUT",
                    path("manifests/" + name),
                    Map.of("Content-Type", document.mediaType()),
                    Set.of(201))
                .carrying(
                    new Outgoing(() -> new ByteArrayInputStream(bytes), bytes.length, sent -> {})),
            cancellation);
    response.body().close();
    Optional<Digest> kept =
        response.headers().firstValue("Docker-Content-Digest").flatMap(PushRepository::parsed);
    if (kept.isPresent()
        && kept.get().algorithm() == document.digest().algorithm()
        && !kept.get().equals(document.digest())) {
      throw new ImageException(
          CORRUPT, host.host() + " has made " + kept.get() + " of manifest " + document.digest());
    }
  }
}
