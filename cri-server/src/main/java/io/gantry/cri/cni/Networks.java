package io.gantry.cri.cni;

import io.gantry.cri.config.Config;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.state.RecordStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Attaches pods to the network of the configuration directory. What was attached is remembered on
 * disk, so that it can be detached by a later daemon, after the configuration changed, or after a
 * crash in the middle. Thread-safe; one operation at a time per pod is the caller's duty.
 */
public final class Networks {
  private static final String INTERFACE = "eth0";
  private static final Duration STATUS_PATIENCE = Duration.ofSeconds(2);
  private static final Duration STATUS_FRESH = Duration.ofSeconds(10);

  private final ConfigDirectory configs;
  private final PluginRunner plugins;
  private final RecordStore<Attachment> records;
  private final Clock clock;
  private final Map<String, Attachment> attachments = new ConcurrentHashMap<>();
  private final Readiness readiness = new Readiness(this::look, STATUS_PATIENCE);
  private volatile StatusAnswer lastStatus;

  private record StatusAnswer(NetworkConfig network, Instant at, Optional<String> problem) {}

  private Networks(Config.Cni config, RecordStore<Attachment> records, Clock clock) {
    this.configs = new ConfigDirectory(config.confDir());
    this.plugins = new PluginRunner(config.binDirs(), config.timeout());
    this.records = records;
    this.clock = clock;
  }

  /**
   * Opens the networks with what earlier daemons attached.
   *
   * @param results the directory that remembers attachments
   */
  public static Networks open(Config.Cni config, Path results, Clock clock, FaultPoints faults)
      throws IOException {
    RecordStore<Attachment> records = RecordStore.open(results, new AttachmentRecords(), faults);
    var networks = new Networks(config, records, clock);
    networks.attachments.putAll(records.load());
    return networks;
  }

  /**
   * Attaches a pod. On failure everything that was done is undone; where that fails too the
   * attachment stays remembered, and {@link #detach} tries again.
   *
   * @throws CniException if there is no network, or a plugin fails
   */
  public CniResult attach(AttachRequest request) throws IOException, InterruptedException {
    NetworkConfig network = configs.network();
    var invocation =
        new Invocation(
            request.podId(), request.namespace().toString(), INTERFACE, request.arguments());
    var intended = new Attachment(invocation, network, request.capabilities(), Optional.empty());
    chain(intended).checkInstalled();
    // Recorded first: an ADD leaves addresses and rules behind wherever it breaks off.
    records.add(request.podId(), intended);
    attachments.put(request.podId(), intended);
    CniResult result;
    try {
      result = CniResult.of(chain(intended).add(invocation));
    } catch (CniException | InterruptedException e) {
      undo(request.podId(), e);
      throw e;
    }
    Attachment attached =
        new Attachment(invocation, network, request.capabilities(), Optional.of(result.json()));
    records.put(request.podId(), attached);
    attachments.put(request.podId(), attached);
    return result;
  }

  private void undo(String podId, Exception failure) throws InterruptedException {
    try {
      detach(podId);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Detaches a pod; does nothing if it is not attached. On failure the attachment stays remembered.
   *
   * @throws CniException if a plugin fails; all others have run
   */
  public void detach(String podId) throws IOException, InterruptedException {
    Attachment attachment = attachments.get(podId);
    if (attachment == null) {
      return;
    }
    chain(attachment).delete(attachment.forDelete(), attachment.result());
    records.remove(podId);
    attachments.remove(podId);
  }

  /** What the pod's network gave it, while it is attached. */
  public Optional<CniResult> result(String podId) {
    return Optional.ofNullable(attachments.get(podId))
        .flatMap(Attachment::result)
        .map(CniResult::of);
  }

  /** Every pod that is, or may be, attached. */
  public Set<String> attachedPods() {
    return Set.copyOf(attachments.keySet());
  }

  /** How the network is now. Ends soon, whatever hangs, and touches no file in this thread. */
  public NetworkState state() throws InterruptedException {
    return readiness.state();
  }

  private NetworkState look() throws InterruptedException {
    NetworkConfig network;
    try {
      network = configs.network();
    } catch (CniException e) {
      return new NetworkState(Optional.of(e.getMessage()), Optional.empty());
    }
    return new NetworkState(problem(network), Optional.of(network.toJson().toString()));
  }

  private Optional<String> problem(NetworkConfig network) throws InterruptedException {
    if (!network.version().isAtLeast(SpecVersion.V1_1_0)) {
      return Optional.empty(); // Older plugins cannot be asked.
    }
    StatusAnswer last = lastStatus;
    boolean fresh =
        last != null
            && last.network().equals(network)
            && last.at().plus(STATUS_FRESH).isAfter(clock.instant());
    if (!fresh) {
      last = new StatusAnswer(network, clock.instant(), ask(network));
      lastStatus = last;
    }
    return last.problem();
  }

  private Optional<String> ask(NetworkConfig network) throws InterruptedException {
    try {
      new NetworkChain(network, network.toJson().objectNode(), plugins).status();
      return Optional.empty();
    } catch (CniException e) {
      return Optional.of(e.getMessage());
    }
  }

  private NetworkChain chain(Attachment attachment) {
    return new NetworkChain(attachment.network(), attachment.capabilities(), plugins);
  }
}
