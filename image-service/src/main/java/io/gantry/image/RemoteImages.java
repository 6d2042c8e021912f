package io.gantry.image;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Images as registries have them, looked at and not fetched. Thread-safe. */
public final class RemoteImages {

  /**
   * What a reference stands for.
   *
   * @param target the manifest or index
   * @param platforms what there are images for, as far as that is said
   */
  public record Resolved(Descriptor target, List<Platform> platforms) {
    public Resolved {
      Objects.requireNonNull(target);
      platforms = List.copyOf(platforms);
    }
  }

  private final RegistryClient registries;

  RemoteImages(RegistryClient registries) {
    this.registries = registries;
  }

  /**
   * Asks a registry what a reference stands for now.
   *
   * @throws ImageException NOT_FOUND if that is nothing, UNSUPPORTED if it is no image
   * @throws IOException if the registry's configuration cannot be read
   */
  public Resolved resolve(Reference reference, Credentials credentials, Cancellation cancellation)
      throws IOException {
    RemoteRepository repository = registries.open(reference, credentials);
    RemoteRepository.Document document = repository.resolve(cancellation);
    String name = reference.toString();
    String mediaType = ManifestParser.mediaType(name, document.bytes(), document.mediaType());
    Descriptor target =
        new Descriptor(mediaType, document.digest(), document.bytes().length, Optional.empty());
    Manifest manifest = ManifestParser.parse(name, document.bytes(), document.mediaType());
    if (manifest instanceof Manifest.Index index) {
      return new Resolved(
          target,
          index.entries().stream().map(Descriptor::platform).flatMap(Optional::stream).toList());
    }
    Descriptor config = ((Manifest.Image) manifest).config();
    Optional<Platform> platform =
        ImageDocument.platform(
            "configuration " + config.digest() + " of " + name,
            repository.bytes(config, cancellation));
    return new Resolved(target, platform.stream().toList());
  }
}
