package io.gantry.image;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.manifest.Platform;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.signature.Signatures;
import io.gantry.image.unpack.UnpackLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Where images live and how they are fetched.
 *
 * @param root holds {@code content}, {@code snapshots} and {@code images}; one file system, one
 *     owner
 * @param hostDirectories where to look for directories per registry with {@code hosts.toml}
 * @param credentials what this node knows where a request brings no credentials
 * @param pinned asked anew each time
 * @param signatures which images may be pulled
 */
public record ImagesSettings(
    Path root,
    List<Path> hostDirectories,
    Parallelism parallelism,
    Platform platform,
    RegistrySettings registry,
    NodeCredentials.Settings credentials,
    UnpackLimits limits,
    Supplier<PinnedNames> pinned,
    Signatures signatures) {

  public ImagesSettings {
    Objects.requireNonNull(root);
    hostDirectories = List.copyOf(hostDirectories);
    Objects.requireNonNull(parallelism);
    Objects.requireNonNull(platform);
    Objects.requireNonNull(registry);
    Objects.requireNonNull(credentials);
    Objects.requireNonNull(limits);
    Objects.requireNonNull(pinned);
    Objects.requireNonNull(signatures);
  }

  /** With no image pinned, and any that may be pulled. */
  public ImagesSettings(
      Path root,
      List<Path> hostDirectories,
      Parallelism parallelism,
      Platform platform,
      RegistrySettings registry,
      NodeCredentials.Settings credentials,
      UnpackLimits limits) {
    this(
        root,
        hostDirectories,
        parallelism,
        platform,
        registry,
        credentials,
        limits,
        () -> PinnedNames.NONE,
        Signatures.UNCHECKED);
  }

  /** The same, with images pinned. */
  public ImagesSettings withPinned(Supplier<PinnedNames> names) {
    return with(names, signatures);
  }

  /** The same, with conditions for what is pulled. */
  public ImagesSettings withSignatures(Signatures conditions) {
    return with(pinned, conditions);
  }

  private ImagesSettings with(Supplier<PinnedNames> names, Signatures conditions) {
    return new ImagesSettings(
        root,
        hostDirectories,
        parallelism,
        platform,
        registry,
        credentials,
        limits,
        names,
        conditions);
  }

  /** For this machine's platform, with the usual limits. */
  public static ImagesSettings of(
      Path root,
      List<Path> hostDirectories,
      Parallelism parallelism,
      RegistrySettings registry,
      NodeCredentials.Settings credentials) {
    return new ImagesSettings(
        root,
        hostDirectories,
        parallelism,
        Platform.host(),
        registry,
        credentials,
        UnpackLimits.DEFAULT);
  }
}
