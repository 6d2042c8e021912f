package io.gantry.image;

import static io.gantry.image.check.Finding.Kind.BLOB;
import static io.gantry.image.check.Finding.Kind.LAYER;
import static io.gantry.image.check.Finding.Kind.RECORD;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Finding;
import io.gantry.image.check.Findings;
import io.gantry.image.check.LayerVerifier;
import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.LayerFiller;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One check of everything on disk: records, blobs, layers, in this order, since each is repaired
 * with the help of those before. Images may be pulled and removed meanwhile: what has gone is not
 * missing. Confined to one thread.
 */
final class StoreCheck {

  /** What checks have in common. */
  record Parts(
      ContentStore content,
      OverlaySnapshots snapshots,
      ImageRecords records,
      Leases leases,
      LayerUnpacker unpacker,
      ImageManifests manifests,
      BlobRecovery recovery) {}

  private final Parts parts;
  private final boolean repair;
  private final Findings findings;
  private final Set<Digest> told = new HashSet<>();
  private final Set<ChainId> layersDone = new HashSet<>();
  // Blobs and layers that are damaged still: nothing can be held against them.
  private final Set<Digest> unfitBlobs = new HashSet<>();
  private final Set<ChainId> unfitLayers = new HashSet<>();
  private long checked;
  private long bad;
  private long repaired;
  private long bytes;

  StoreCheck(Parts parts, boolean repair, Findings findings) {
    this.parts = parts;
    this.repair = repair;
    this.findings = findings;
  }

  CheckSummary run() throws IOException, InterruptedException {
    records();
    storedBlobs();
    missingBlobs();
    for (ImageRecord image : parts.records().all()) {
      layers(image);
    }
    containers();
    return new CheckSummary(checked, bad, repaired, bytes);
  }

  private void found(Finding finding) throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      // What could not be read may be right: whoever asked has gone, and our files were closed.
      throw new InterruptedException("nobody wants to hear more");
    }
    bad++;
    repaired += finding.repaired() ? 1 : 0;
    findings.found(finding);
  }

  private void records() throws IOException, InterruptedException {
    recordFlaws(parts.records().check(repair));
    recordFlaws(parts.snapshots().checkRecords(repair));
    checked += parts.records().all().size() + parts.snapshots().recordCount();
  }

  private void recordFlaws(Map<String, String> flaws) throws InterruptedException {
    for (Map.Entry<String, String> flaw : flaws.entrySet()) {
      Finding finding = Finding.of(RECORD, flaw.getKey(), flaw.getValue());
      found(repair ? finding.repairedBy("written anew") : finding);
    }
  }

  private void storedBlobs() throws IOException, InterruptedException {
    for (Digest blob : parts.content().list()) {
      try {
        Optional<String> flaw = parts.content().flaw(blob);
        checked++;
        bytes += parts.content().sizeOf(blob);
        if (flaw.isPresent()) {
          damaged(blob, Finding.of(BLOB, blob.toString(), flaw.get()));
        }
      } catch (NoSuchFileException gone) {
        continue;
      } catch (ImageException gone) {
        if (gone.kind() != NOT_FOUND) {
          throw gone;
        }
      }
    }
  }

  private void damaged(Digest blob, Finding finding) throws IOException, InterruptedException {
    told.add(blob);
    if (!repair) {
      unfitBlobs.add(blob);
      found(finding);
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException("nobody wants to hear more");
    }
    Path aside = parts.content().setAside(blob);
    String words = "set aside as " + aside;
    Optional<ImageRecord> owner = ownerOf(blob);
    if (owner.isEmpty()) {
      // Whoever asks for it next gets it anew; nothing here needs it.
      found(
          isClaimed(blob)
              ? finding.notRepaired(words + "; what relies on it beside images has it no more")
              : finding.repairedBy(words + "; no image needs it"));
      return;
    }
    BlobRecovery.Outcome outcome = parts.recovery().fetch(owner.get(), blob);
    found(
        outcome.came()
            ? finding.repairedBy(words + ", " + outcome.words())
            : finding.notRepaired(words + ", " + outcome.words()));
  }

  private boolean isClaimed(Digest blob) throws IOException {
    return parts.content().claims().claimed().contains(blob);
  }

  private Optional<ImageRecord> ownerOf(Digest blob) {
    return parts.records().all().stream().filter(image -> image.blobs().contains(blob)).findFirst();
  }

  private void missingBlobs() throws IOException, InterruptedException {
    for (ImageRecord image : parts.records().all()) {
      for (Digest blob : image.blobs()) {
        if (!parts.content().has(blob) && told.add(blob)) {
          missing(image, blob);
        }
      }
    }
    for (Digest blob : parts.content().claims().claimed()) {
      if (!parts.content().has(blob) && told.add(blob)) {
        found(
            Finding.of(
                BLOB,
                blob.toString(),
                "is missing, and the registry served here or a container's layer needs it"));
      }
    }
  }

  private void missing(ImageRecord image, Digest blob) throws IOException, InterruptedException {
    if (parts.records().find(image.id().toString()).isEmpty()) {
      return;
    }
    checked++;
    Finding finding =
        Finding.of(BLOB, blob.toString(), "is missing, and image " + image.id() + " needs it");
    if (!repair) {
      found(finding);
      return;
    }
    BlobRecovery.Outcome outcome = parts.recovery().fetch(image, blob);
    found(
        outcome.came()
            ? finding.repairedBy(outcome.words())
            : finding.notRepaired(outcome.words()));
  }

  /** A layer is held against its blob, so those of images whose blobs are lost are left out. */
  private void layers(ImageRecord image) throws IOException, InterruptedException {
    Optional<Manifest.Image> manifest = parts.manifests().of(image);
    List<Digest> diffIds = ImageManifests.diffIds(image);
    if (manifest.isEmpty() || manifest.get().layers().size() != diffIds.size()) {
      return;
    }
    try (Leases.Lease lease = parts.leases().open()) {
      Optional<ChainId> below = Optional.empty();
      for (int i = 0; i < diffIds.size(); i++) {
        Descriptor blob = manifest.get().layers().get(i);
        LayerCommits.Layer layer = new LayerCommits.Layer(below, blob, diffIds.get(i));
        lease.hold(layer.chain());
        lease.hold(blob.digest());
        if (parts.records().find(image.id().toString()).isEmpty()) {
          return; // Removed; the lease has come too late.
        }
        if (layersDone.add(layer.chain())) {
          layer(layer);
        }
        below = Optional.of(layer.chain());
      }
    }
  }

  private void layer(LayerCommits.Layer layer) throws IOException, InterruptedException {
    Digest blob = layer.blob().digest();
    boolean belowIsFit = layer.below().isEmpty() || !unfitLayers.contains(layer.below().get());
    Optional<Finding> finding = Optional.empty();
    if (belowIsFit && parts.content().has(blob) && !unfitBlobs.contains(blob)) {
      checked++;
      finding = verified(layer);
    }
    if (!belowIsFit || finding.isPresent() && !finding.get().repaired()) {
      unfitLayers.add(layer.chain());
    }
    if (finding.isPresent()) {
      found(finding.get());
    }
  }

  private Optional<Finding> verified(LayerCommits.Layer layer) throws IOException {
    String name = layer.chain().toString();
    if (!parts.snapshots().hasChain(layer.chain())) {
      Finding finding = Finding.of(LAYER, name, "is missing");
      return Optional.of(repair ? again(finding, layer, Optional.empty()) : finding);
    }
    Optional<String> flaw = flaw(layer);
    if (flaw.isEmpty()) {
      return Optional.empty();
    }
    Finding finding = Finding.of(LAYER, name, flaw.get());
    if (!repair || Thread.currentThread().isInterrupted()) {
      return Optional.of(finding);
    }
    try {
      Optional<Path> aside = parts.snapshots().replace(layer.chain(), unpacking(layer));
      return Optional.of(again(finding, layer, aside));
    } catch (IOException e) {
      return Optional.of(finding.notRepaired("cannot be unpacked again: " + e.getMessage()));
    }
  }

  private Optional<String> flaw(LayerCommits.Layer layer) throws IOException {
    try {
      LayerVerifier.Verdict verdict = parts.snapshots().verify(layer.chain(), unpacking(layer));
      bytes += verdict.bytes();
      return verdict.flaw();
    } catch (ImageException e) {
      return Optional.of("cannot be held against its blob: " + e.getMessage());
    }
  }

  private Finding again(Finding finding, LayerCommits.Layer layer, Optional<Path> aside)
      throws IOException {
    String words = aside.map(path -> "set aside as " + path + ", ").orElse("") + "unpacked again";
    try {
      parts.snapshots().commit(layer.chain(), layer.below(), unpacking(layer));
    } catch (IOException e) {
      return finding.notRepaired("cannot be unpacked again: " + e.getMessage());
    }
    return flaw(layer)
        .map(still -> finding.notRepaired(words + ", and still " + still))
        .orElseGet(() -> finding.repairedBy(words));
  }

  private LayerFiller unpacking(LayerCommits.Layer layer) {
    return (tree, lower) -> {
      Digest blob = layer.blob().digest();
      try (InputStream compressed = parts.content().open(blob)) {
        parts
            .unpacker()
            .unpack(
                compressed,
                parts.content().sizeOf(blob),
                layer.diffId(),
                tree,
                lower,
                new Cancellation());
      }
    };
  }

  /** Last, since what a container stands on may have come back with an image. */
  private void containers() throws InterruptedException {
    for (Map.Entry<String, ChainId> one : parts.snapshots().withoutLayers().entrySet()) {
      found(
          Finding.of(
              RECORD,
              "keys/" + one.getKey() + ".json",
              "stands on the layers of chain " + one.getValue() + ", which are missing"));
    }
  }
}
