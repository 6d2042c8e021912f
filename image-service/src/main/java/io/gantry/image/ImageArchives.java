package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.graph.Document;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.graph.Reach;
import io.gantry.image.manifest.ConfigBuilder;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Reference;
import io.gantry.image.transfer.ArchiveReader;
import io.gantry.image.transfer.ArchiveWriter;
import io.gantry.image.transfer.ArchivedImage;
import io.gantry.image.transfer.BombGuard;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Images out to tar archives and in from them. Thread-safe. */
public final class ImageArchives {

  /**
   * An image to write.
   *
   * @param names that it is to have in the archive, {@code host/repository:tag}
   */
  public record Selection(ImageRecord image, List<String> names) {
    public Selection {
      names = List.copyOf(names);
    }
  }

  private final ContentStore content;
  private final ImageGraph graph;
  private final Leases leases;
  private final Supplier<Assembly> assemblies;
  private final UnpackLimits limits;
  private final Platform platform;
  private final Clock clock;

  ImageArchives(
      ContentStore content,
      ImageGraph graph,
      Leases leases,
      Supplier<Assembly> assemblies,
      UnpackLimits limits,
      Platform platform,
      Clock clock) {
    this.content = content;
    this.graph = graph;
    this.leases = leases;
    this.assemblies = assemblies;
    this.limits = limits;
    this.platform = platform;
    this.clock = clock;
  }

  /**
   * Writes images as one archive of both forms, with all their platforms that are here, if those
   * are all that there are; else with this machine's alone.
   *
   * @param to not closed
   */
  public void write(List<Selection> selected, OutputStream to) throws IOException {
    try (Leases.Lease lease = leases.open()) {
      List<ArchiveWriter.Image> images = new ArrayList<>();
      for (Selection one : selected) {
        one.image().blobs().forEach(lease::hold);
        Descriptor whole = Contents.wholeOf(one.image(), graph);
        Reach reach = graph.reach(whole);
        Document manifest = Contents.manifestOf(one.image(), whole, graph);
        images.add(new ArchiveWriter.Image(whole, reach, manifest, one.names()));
      }
      new ArchiveWriter(content).write(images, to);
    }
  }

  /**
   * A root file system that is to become an image.
   *
   * @param name nothing for none
   * @param comment said in the image's history
   * @param config how to run it, as JSON; empty for nothing
   */
  public record RootFilesystem(
      Optional<Reference> name, String comment, byte[] config, Optional<Platform> platform) {}

  /**
   * Makes an image of one layer.
   *
   * @param archive compressed or not; not closed
   */
  public ImageRecord readRootFilesystem(RootFilesystem wanted, InputStream archive)
      throws IOException, InterruptedException {
    Instant now = clock.instant();
    ConfigBuilder config =
        new ConfigBuilder(wanted.platform().orElse(platform), now).config(wanted.config());
    try (Assembly assembly = assemblies.get()) {
      Assembly.Layer layer =
          assembly.addLayer(to -> BombGuard.decompressed(archive, limits).transferTo(to));
      config.layer(layer.diffId(), new ConfigBuilder.History(now, "", wanted.comment(), false));
      return assembly.compose(
          config.build(), List.of(layer), wanted.name().stream().toList(), Optional.empty());
    }
  }

  /**
   * An image that came.
   *
   * @param names that it had in the archive, {@code host/repository:tag}
   */
  public record Imported(ImageRecord image, List<String> names) {
    public Imported {
      names = List.copyOf(names);
    }
  }

  /**
   * Reads an archive and makes its images, all of them or none but those that a message names.
   *
   * @param archive not closed
   * @throws io.gantry.image.failure.ImageException CORRUPT if it is malformed or hostile
   */
  public List<Imported> read(InputStream archive, ArchiveReader.Listener listener)
      throws IOException, InterruptedException {
    try (Assembly assembly = assemblies.get()) {
      List<ArchivedImage> archived =
          new ArchiveReader(content, assembly::hold, listener, limits).read(archive);
      List<Imported> images = new ArrayList<>();
      for (ArchivedImage image : archived) {
        images.add(
            new Imported(
                assembly.add(image.target(), image.names(), Optional.empty()),
                image.names().stream().flatMap(name -> name.repoTag().stream()).toList()));
      }
      return images;
    }
  }
}
