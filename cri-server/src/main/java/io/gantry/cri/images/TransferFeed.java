package io.gantry.cri.images;

import io.gantry.proto.v1.TransferProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What workers have to tell of a transfer, for the thread that sends it. Of a blob in one phase
 * only the last is kept, so a slow caller holds nobody up. Thread-safe.
 */
final class TransferFeed {

  private record Key(String blob, TransferProgress.Phase phase, String words) {}

  // Guarded by this.
  private final Map<Key, TransferProgress> waiting = new LinkedHashMap<>();

  synchronized void put(TransferProgress progress) {
    waiting.put(
        new Key(progress.getBlobDigest(), progress.getPhase(), progress.getWords()), progress);
    notifyAll();
  }

  /** Waits a while for something to tell. */
  synchronized List<TransferProgress> take(long millis) throws InterruptedException {
    if (waiting.isEmpty()) {
      TimeUnit.MILLISECONDS.timedWait(this, millis);
    }
    List<TransferProgress> all = new ArrayList<>(waiting.values());
    waiting.clear();
    return all;
  }
}
