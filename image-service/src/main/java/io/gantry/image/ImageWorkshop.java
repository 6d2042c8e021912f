package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.unpack.LayerUnpacker;
import java.io.IOException;
import java.util.Set;
import java.util.function.Supplier;

/** What those need who make images here instead of pulling them. Thread-safe. */
public final class ImageWorkshop {

  /** Keeps the collector from what an image in the making is made of; closing it lets go. */
  public interface Hold extends AutoCloseable {
    /** To be called before looking whether the blob is here. */
    void blob(Digest blob);

    /** To be called before looking whether the chain is here. */
    void chain(ChainId chain);

    @Override
    void close();
  }

  /** Shows an image that is listed nowhere; closing it ends that. */
  public interface Loan extends AutoCloseable {
    @Override
    void close();
  }

  private final LocalImages images;
  private final OverlaySnapshots snapshots;
  private final LayerTrees trees;
  private final LayerUnpacker unpacker;
  private final ImagesSettings settings;
  private final Leases leases;
  private final ImageRecords records;
  private final PassingImages passing;

  ImageWorkshop(
      LocalImages images,
      OverlaySnapshots snapshots,
      LayerTrees trees,
      ImagesSettings settings,
      Leases leases,
      ImageRecords records,
      PassingImages passing) {
    this.images = images;
    this.snapshots = snapshots;
    this.trees = trees;
    this.unpacker = new LayerUnpacker(settings.limits());
    this.settings = settings;
    this.leases = leases;
    this.records = records;
    this.passing = passing;
  }

  /** Begins to hold things. */
  public Hold hold() {
    Leases.Lease lease = leases.open();
    return new Hold() {
      @Override
      public void blob(Digest blob) {
        lease.hold(blob);
      }

      @Override
      public void chain(ChainId chain) {
        lease.hold(chain);
      }

      @Override
      public void close() {
        lease.close();
      }
    };
  }

  /** Has the collector ask for chains to be kept from now on. */
  public void claimChains(Supplier<Set<ChainId>> claimed) {
    leases.claim(claimed);
  }

  /**
   * Lets an image be found by its whole id, for containers that are made of it; it is in no list.
   * Its layers must be held.
   */
  public Loan lend(ImageRecord image) {
    passing.add(image);
    return () -> passing.remove(image.id());
  }

  /**
   * Adds an image whose blobs and layers are all here and held. Its tags are taken from whichever
   * image had them.
   *
   * @return the record as it is now
   */
  public ImageRecord add(ImageRecord image) throws IOException {
    return records.add(image);
  }

  public Images images() {
    return images;
  }

  public ContentStore content() {
    return images.content();
  }

  public OverlaySnapshots snapshots() {
    return snapshots;
  }

  public LayerTrees trees() {
    return trees;
  }

  public LayerUnpacker unpacker() {
    return unpacker;
  }

  public Platform platform() {
    return settings.platform();
  }

  /** Deletes what nobody holds or claims. */
  public void collect() throws IOException {
    images.collect();
  }
}
