package io.gantry.image.build;

import io.gantry.image.ImageWorkshop;
import io.gantry.image.unpack.ArchiveProbe;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the directory of a build's context, wherever the context comes from. */
final class Contexts {
  private static final int DOCKERFILE_LIMIT_BYTES = 4 << 20;
  private static final String DEFAULT_DOCKERFILE = "Dockerfile";

  private final ImageWorkshop workshop;
  private final Path scratch;
  private final Cancellation cancellation;

  Contexts(ImageWorkshop workshop, Path scratch, Cancellation cancellation) {
    this.workshop = workshop;
    this.scratch = scratch;
    this.cancellation = cancellation;
  }

  /**
   * @param dockerfile what a Dockerfile is called that comes alone
   */
  ContextDirectory open(Builder.Context source, String dockerfile) throws IOException {
    Path directory = scratch.resolve("context");
    if (source instanceof Builder.Archive archive) {
      return ContextDirectory.unpack(workshop, directory, archive.stream(), cancellation);
    }
    String url = ((Builder.Remote) source).url();
    if (Download.isGit(url) || !Download.isUrl(url)) {
      throw new BuildException(
          "the context \""
              + url
              + "\" cannot be fetched: a URL of an archive or a Dockerfile is, by http or https");
    }
    Path file = scratch.resolve("remote");
    Download download = Download.fetch(url, file, cancellation);
    try (InputStream head = Files.newInputStream(file)) {
      if (ArchiveProbe.isTar(head)) {
        return unpack(directory, file);
      }
    }
    if (download.sizeBytes() > DOCKERFILE_LIMIT_BYTES) {
      throw new BuildException("\"" + url + "\" is neither an archive nor a Dockerfile");
    }
    return ContextDirectory.of(
        workshop,
        directory,
        dockerfile.isEmpty() ? DEFAULT_DOCKERFILE : dockerfile,
        Files.readAllBytes(file));
  }

  private ContextDirectory unpack(Path directory, Path file) throws IOException {
    try (InputStream archive = Files.newInputStream(file)) {
      return ContextDirectory.unpack(workshop, directory, archive, cancellation);
    }
  }
}
