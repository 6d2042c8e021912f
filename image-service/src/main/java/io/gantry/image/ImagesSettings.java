package io.gantry.image;

import io.gantry.image.manifest.Platform;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.unpack.UnpackLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where images live and how they are fetched.
 *
 * @param root holds {@code content}, {@code snapshots} and {@code images}; one file system, one
 *     owner
 * @param hostDirectories where to look for directories per registry with {@code hosts.toml}
 * @param downloadsPerImage how many layers of one image are downloaded at a time, at least 1
 */
public record ImagesSettings(
    Path root,
    List<Path> hostDirectories,
    int downloadsPerImage,
    Platform platform,
    RegistrySettings registry,
    UnpackLimits limits) {

  public ImagesSettings {
    Objects.requireNonNull(root);
    hostDirectories = List.copyOf(hostDirectories);
    Objects.requireNonNull(platform);
    Objects.requireNonNull(registry);
    Objects.requireNonNull(limits);
    if (downloadsPerImage < 1) {
      throw new IllegalArgumentException(
          "an image cannot be downloaded " + downloadsPerImage + " layers at a time");
    }
  }

  /** This machine's platform, and the usual patience and limits. */
  public static ImagesSettings of(Path root, List<Path> hostDirectories, int downloadsPerImage) {
    return new ImagesSettings(
        root,
        hostDirectories,
        downloadsPerImage,
        Platform.host(),
        RegistrySettings.DEFAULT,
        UnpackLimits.DEFAULT);
  }
}
