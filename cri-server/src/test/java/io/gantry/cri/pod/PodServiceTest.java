package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxFilter;
import io.gantry.proto.cri.v1.PodSandboxState;
import io.gantry.proto.cri.v1.PodSandboxStateValue;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Pods on the real kernel, without a network of their own but where a test says so. */
@Tag("root")
@Timeout(60)
class PodServiceTest {
  private static final Linux LINUX = PodRig.LINUX;

  @TempDir private Path directory;
  private PodRig rig;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    rig = new PodRig(directory);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    if (rig == null) {
      return;
    }
    rig.close();
    assertEquals(List.of(), rig.mounts());
    try (var left = Files.list(rig.config.paths().podState())) {
      assertEquals(List.of(), left.toList());
    }
    try (var left = Files.list(rig.config.paths().podRecords())) {
      assertEquals(List.of(), left.filter(Files::isRegularFile).toList());
    }
  }

  private static Status statusOf(Executable call) {
    return assertThrows(StatusRuntimeException.class, call).getStatus();
  }

  private static <T> T inside(Path pin, NamespaceKind kind, Callable<T> work) throws IOException {
    try (Fd namespace = LINUX.namespaces().open(pin.toString(), kind)) {
      return LINUX.namespaces().visit(Set.of(new Namespaces.Visit(namespace, kind)), work);
    }
  }

  @Test
  void pod_isReadyAndShownAsItWasAskedFor() {
    var asked = PodRig.hostPod("web").putLabels("app", "web").putAnnotations("note", "a\nb");
    String id = rig.run(asked);
    assertTrue(id.matches("[0-9a-f]{64}"), id);
    PodSandboxStatus status = rig.status(id);
    assertEquals(PodSandboxState.SANDBOX_READY, status.getState());
    assertEquals(asked.getMetadata(), status.getMetadata());
    assertEquals(asked.getLabelsMap(), status.getLabelsMap());
    assertEquals(asked.getAnnotationsMap(), status.getAnnotationsMap());
    assertEquals("", status.getNetwork().getIp());
    assertEquals(NamespaceMode.NODE, status.getLinux().getNamespaces().getOptions().getNetwork());
    assertTrue(status.getCreatedAt() > 1_700_000_000_000_000_000L);
  }

  @Test
  void hostNetwork_meansTheHostsNameToo() throws IOException {
    PodPaths paths = rig.paths(rig.run(PodRig.hostPod("web").setHostname("ignored")));
    assertTrue(paths.networkNamespace().isEmpty());
    assertTrue(paths.utsNamespace().isEmpty());
    assertEquals(LINUX.host().hostName() + "\n", Files.readString(paths.hostname()));
  }

  @Test
  void sharedMemory_isATmpfsOf64MiBForEveryUser() throws IOException {
    Path shm = rig.paths(rig.run(PodRig.hostPod("web"))).shm();
    var mount =
        LINUX.mounts().mountInfo().stream()
            .filter(info -> info.target().equals(shm.toString()))
            .findFirst()
            .orElseThrow();
    assertEquals("tmpfs", mount.type());
    assertTrue(mount.superOptions().contains("size=65536k"), mount.superOptions());
    for (String option : List.of("nosuid", "nodev", "noexec")) {
      assertTrue(mount.options().contains(option), mount.options());
    }
    assertEquals(01777, (int) Files.getAttribute(shm, "unix:mode") & 07777);
  }

  @Test
  void hostIpc_meansTheHostsSharedMemory() {
    var namespaces =
        NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setIpc(NamespaceMode.NODE)
            .setPid(NamespaceMode.NODE);
    PodPaths paths = rig.paths(rig.run(PodRig.with("web", namespaces)));
    assertEquals(Path.of("/dev/shm"), paths.shm());
    assertTrue(paths.ipcNamespace().isEmpty());
    assertTrue(paths.pidNamespace().isEmpty());
  }

  @Test
  void dnsConfig_becomesResolvConf() throws IOException {
    var pod = PodRig.hostPod("web");
    pod.setDnsConfig(
        DNSConfig.newBuilder()
            .addServers("10.0.0.10")
            .addServers("fd00::10")
            .addSearches("a.local")
            .addSearches("b.local")
            .addOptions("ndots:5"));
    assertEquals(
        "search a.local b.local\nnameserver 10.0.0.10\nnameserver fd00::10\noptions ndots:5\n",
        Files.readString(rig.paths(rig.run(pod)).resolvConf()));
  }

  @Test
  void noDnsConfig_meansTheHosts() throws IOException {
    Path host = Path.of("/etc/resolv.conf");
    String expected = Files.exists(host) ? Files.readString(host) : "";
    assertEquals(expected, Files.readString(rig.paths(rig.run(PodRig.hostPod("a"))).resolvConf()));
  }

  @Test
  void logDirectory_isMadeAndOutlivesThePod() {
    Path logs = directory.resolve("logs/test_web");
    String id = rig.run(PodRig.hostPod("web").setLogDirectory(logs.toString()));
    assertTrue(Files.isDirectory(logs));
    rig.remove(id);
    assertTrue(Files.isDirectory(logs));
  }

  @Test
  void ipcSysctl_isSetInThePodAlone() throws IOException {
    String file = "/proc/sys/kernel/shm_rmid_forced";
    String host = LINUX.files().readText(file);
    String other = host.strip().equals("1") ? "0" : "1";
    var pod = PodRig.withSysctl(PodRig.hostPod("web"), "kernel.shm_rmid_forced", other);
    Path pin = rig.paths(rig.run(pod)).ipcNamespace().orElseThrow();
    assertEquals(other, inside(pin, NamespaceKind.IPC, () -> LINUX.files().readText(file)).strip());
    assertEquals(host, LINUX.files().readText(file));
  }

  @Test
  void sysctlOfTheHost_isRefused() {
    for (String sysctl : List.of("net.ipv4.ip_forward", "vm.swappiness", "kernel.panic")) {
      var pod = PodRig.withSysctl(PodRig.hostPod("web"), sysctl, "1");
      Status status = statusOf(() -> rig.run(pod));
      assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
      assertTrue(status.getDescription().contains("sysctl " + sysctl), status.getDescription());
    }
  }

  @Test
  void unknownHandler_isRefused() {
    var request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(PodRig.hostPod("web"))
            .setRuntimeHandler("kata")
            .build();
    Status status = statusOf(() -> rig.cri.runPodSandbox(request));
    assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
    assertTrue(status.getDescription().contains("\"kata\""), status.getDescription());
    var known = request.toBuilder().setRuntimeHandler("gantry").build();
    String id = rig.cri.runPodSandbox(known).getPodSandboxId();
    assertEquals("gantry", rig.status(id).getRuntimeHandler());
  }

  @Test
  void sameRequestAgain_getsTheSamePod_alsoOfTheNextDaemon() throws Exception {
    String id = rig.run(PodRig.hostPod("web"));
    assertEquals(id, rig.run(PodRig.hostPod("web")));
    rig.start();
    assertEquals(id, rig.run(PodRig.hostPod("web")));
    assertEquals(1, rig.pods.list().size());
  }

  @Test
  void stoppedPod_isNotWhatTheSameRequestAsksFor() {
    String id = rig.run(PodRig.hostPod("web"));
    rig.stop(id);
    Status status = statusOf(() -> rig.run(PodRig.hostPod("web")));
    assertEquals(Status.Code.ALREADY_EXISTS, status.getCode());
    assertTrue(status.getDescription().contains("not ready"), status.getDescription());
  }

  @Test
  void otherPodOfTheSameName_isRefusedNamingTheFirst() {
    String id = rig.run(PodRig.hostPod("web"));
    Status status = statusOf(() -> rig.run(PodRig.hostPod("web").putLabels("a", "b")));
    assertEquals(Status.Code.ALREADY_EXISTS, status.getCode());
    assertTrue(status.getDescription().contains(id), status.getDescription());
    var next = PodRig.hostPod("web");
    next.setMetadata(next.getMetadata().toBuilder().setAttempt(1));
    assertNotEquals(id, rig.run(next));
  }

  @Test
  void stop_leavesAPodThatIsNotReadyAndCanBeStoppedAgain() throws IOException {
    String id = rig.run(PodRig.hostPod("web"));
    rig.stop(id);
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(id).getState());
    assertEquals(List.of(), rig.mounts());
    rig.stop(id);
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(id).getState());
  }

  @Test
  void remove_stopsFirstAndForgetsThePod() {
    String id = rig.run(PodRig.hostPod("web"));
    rig.remove(id);
    assertEquals(List.of("stop", "remove"), rig.containerCalls);
    assertEquals(Status.Code.NOT_FOUND, statusOf(() -> rig.status(id)).getCode());
    rig.remove(id);
  }

  @Test
  void unknownPod_isNotFoundByStatusAndFineToStopOrRemove() {
    Status status = statusOf(() -> rig.status("nope"));
    assertEquals(Status.Code.NOT_FOUND, status.getCode());
    assertEquals("pod nope does not exist", status.getDescription());
    rig.stop("nope");
    rig.remove("nope");
  }

  private List<String> list(PodSandboxFilter.Builder filter) {
    var request = ListPodSandboxRequest.newBuilder().setFilter(filter).build();
    return rig.cri.listPodSandbox(request).getItemsList().stream().map(PodSandbox::getId).toList();
  }

  @Test
  void list_filtersByIdStateAndLabels() {
    String a = rig.run(PodRig.hostPod("a").putLabels("app", "x").putLabels("tier", "1"));
    String b = rig.run(PodRig.hostPod("b").putLabels("app", "x"));
    rig.stop(b);
    assertEquals(List.of(a, b), list(PodSandboxFilter.newBuilder()));
    assertEquals(List.of(b), list(PodSandboxFilter.newBuilder().setId(b.substring(0, 12))));
    assertEquals(List.of(a, b), list(PodSandboxFilter.newBuilder().putLabelSelector("app", "x")));
    assertEquals(
        List.of(a),
        list(
            PodSandboxFilter.newBuilder()
                .putLabelSelector("app", "x")
                .putLabelSelector("tier", "1")));
    assertEquals(
        List.of(b),
        list(
            PodSandboxFilter.newBuilder()
                .setState(
                    PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_NOTREADY))));
    assertEquals(List.of(), list(PodSandboxFilter.newBuilder().setId("zz")));
  }

  @Test
  void verboseStatus_tellsWhatThePodConsistsOf() {
    String id = rig.run(PodRig.hostPod("web"));
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build();
    String info = rig.cri.podSandboxStatus(request).getInfoOrThrow("info");
    assertTrue(info.contains("\"pid\":0"), info);
    assertTrue(info.contains("\"netNamespaceClosed\":true"), info);
    assertTrue(info.contains("\"runtimeHandler\":\""), info);
    assertTrue(info.contains("\"config\":{\"metadata\":{\"name\":\"web\""), info);
    assertTrue(info.contains("/ns/ipc\""), info);
    assertEquals(
        0, rig.cri.podSandboxStatus(request.toBuilder().setVerbose(false).build()).getInfoCount());
  }

  @Test
  void badRequests_areRefusedInWords() {
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        statusOf(() -> rig.run(PodSandboxConfig.newBuilder())).getCode());
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        statusOf(() -> rig.run(PodRig.hostPod("a").setHostname("x".repeat(65)))).getCode());
    var dns = PodRig.hostPod("a");
    dns.setDnsConfig(DNSConfig.newBuilder().addServers("10.0.0.1\nnameserver 6.6.6.6"));
    assertEquals(Status.Code.INVALID_ARGUMENT, statusOf(() -> rig.run(dns)).getCode());
  }

  private static IDMapping.Builder mapping(int inside) {
    return IDMapping.newBuilder().setContainerId(inside).setHostId(200000).setLength(65536);
  }

  private static UserNamespace.Builder users() {
    return UserNamespace.newBuilder()
        .setMode(NamespaceMode.POD)
        .addUids(mapping(0))
        .addGids(mapping(0));
  }

  private static PodSandboxConfig.Builder podWithUsers(
      UserNamespace.Builder users, NamespaceMode network) {
    return PodRig.with(
        "users", NamespaceOption.newBuilder().setNetwork(network).setUsernsOptions(users));
  }

  @Test
  void userNamespace_ownsThePodsOtherNamespaces() throws Exception {
    var asked = podWithUsers(users(), NamespaceMode.NODE);
    PodRig.withSysctl(asked, "kernel.msgmax", "9000");
    String id = rig.run(asked);
    PodPaths paths = rig.paths(id);
    Path user = paths.userNamespace().orElseThrow();
    try (Fd pinned = LINUX.namespaces().open(user.toString(), NamespaceKind.USER);
        Fd pause = LINUX.namespaces().of(pauseOf(id), NamespaceKind.USER)) {
      assertEquals(LINUX.files().stat(pinned).inode(), LINUX.files().stat(pause).inode());
    }
    String status = LINUX.files().readText("/proc/" + pauseOf(id) + "/status");
    assertTrue(status.contains("\nUid:\t265534\t"), status);
    for (Path own : List.of(paths.shm(), paths.hosts(), paths.resolvConf(), paths.hostname())) {
      assertEquals(200000, Files.getAttribute(own, "unix:uid"), own.toString());
      assertEquals(200000, Files.getAttribute(own, "unix:gid"), own.toString());
    }
    rig.start();
    assertEquals(PodSandboxState.SANDBOX_READY, rig.status(id).getState());
    rig.stop(id);
    assertEquals(List.of(), rig.mounts());
  }

  @Test
  void userNamespaces_areRefusedInWords() {
    String prefix = "a pod's user namespace ";
    for (var wrong :
        Map.of(
                users().addUids(mapping(0)),
                prefix + "takes exactly one user id mapping, not 2",
                users().clearGids(),
                prefix + "takes exactly one group id mapping, not 0",
                users().clearUids().addUids(mapping(1)),
                prefix + "must map user 0; its mapping begins at 1",
                UserNamespace.newBuilder().setMode(NamespaceMode.CONTAINER),
                prefix + "is POD or NODE, not CONTAINER",
                UserNamespace.newBuilder().setMode(NamespaceMode.TARGET),
                prefix + "is POD or NODE, not TARGET",
                users().setMode(NamespaceMode.NODE),
                "id mappings need a pod's user namespace of mode POD")
            .entrySet()) {
      Status status = statusOf(() -> rig.run(podWithUsers(wrong.getKey(), NamespaceMode.NODE)));
      assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode());
      assertTrue(status.getDescription().contains(wrong.getValue()), status.getDescription());
    }
  }

  @Test
  void pods_areThereForTheNextDaemon() throws Exception {
    String ready = rig.run(PodRig.hostPod("a"));
    String stopped = rig.run(PodRig.hostPod("b"));
    rig.stop(stopped);
    PodSandboxStatus before = rig.status(ready);
    rig.start();
    assertEquals(before, rig.status(ready));
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(stopped).getState());
  }

  @Test
  void podWhoseNamespacesAreGone_isNotReadyAndCanBeRemoved() throws Exception {
    String id = rig.run(PodRig.hostPod("a"));
    Path pin = rig.paths(id).ipcNamespace().orElseThrow();
    LINUX.mounts().unmount(pin.toString(), MountFlags.MNT_DETACH);
    rig.start();
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(id).getState());
    rig.remove(id);
    assertEquals(Status.Code.NOT_FOUND, statusOf(() -> rig.status(id)).getCode());
  }

  @Test
  void halfMadePod_isCleanedUpByTheNextDaemon() throws Exception {
    String id = rig.run(PodRig.hostPod("a"));
    Pod pod = rig.pods.find(id).orElseThrow();
    rig.pods.put(pod.with(new PodState.Making()));
    rig.start();
    assertEquals(List.of(), rig.mounts());
    assertFalse(Files.exists(pod.paths().directory()));
    rig.run(PodRig.hostPod("a"));
  }

  @Test
  void podWhoseRecordIsTorn_isCleanedUpByTheNextDaemon() throws Exception {
    String id = rig.run(PodRig.hostPod("a"));
    Path record = rig.config.paths().podRecords().resolve(id + ".json");
    Files.writeString(record, Files.readString(record).substring(0, 40));
    rig.start();
    assertEquals(List.of(), rig.mounts());
    assertEquals(List.of(), list(PodSandboxFilter.newBuilder()));
  }

  private PodSandboxConfig.Builder sharedPidPod() {
    return PodRig.with("shared", NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE));
  }

  private int pauseOf(String id) throws IOException {
    var all = rig.cgroups.at(rig.config.cgroup().defaultParent().orElseThrow() + "/" + id).pids();
    assertEquals(1, all.size());
    return all.get(0);
  }

  @Test
  void sharedPid_isHeldByAProcessWithoutAnything() throws Exception {
    String id = rig.run(sharedPidPod());
    int pid = pauseOf(id);
    Path pin = rig.paths(id).pidNamespace().orElseThrow();
    try (Fd pinned = LINUX.namespaces().open(pin.toString(), NamespaceKind.PID);
        Fd held = LINUX.namespaces().of(pid, NamespaceKind.PID)) {
      assertEquals(LINUX.files().stat(held).inode(), LINUX.files().stat(pinned).inode());
    }
    String status = LINUX.files().readText("/proc/" + pid + "/status");
    for (String line :
        List.of(
            "Uid:\t65534\t65534\t65534\t65534",
            "Gid:\t65534\t65534\t65534\t65534",
            "Groups:\t",
            "CapPrm:\t0000000000000000",
            "CapEff:\t0000000000000000",
            "NoNewPrivs:\t1",
            "SigIgn:\t0000000000010000",
            "SigBlk:\t0000000000000000")) {
      assertTrue(status.contains("\n" + line), line + " in " + status);
    }
    try (var root = Files.list(Path.of("/proc/" + pid + "/root/"))) {
      assertEquals(List.of(), root.toList());
    }
    try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      assertEquals(3, descriptors.count());
    }
    rig.stop(id);
    assertFalse(Files.exists(Path.of("/proc/" + pid)));
  }

  @Test
  void sharedPid_outlivesTheDaemonAndIsKilledByTheNext() throws Exception {
    String id = rig.run(sharedPidPod());
    int pid = pauseOf(id);
    rig.start();
    assertEquals(PodSandboxState.SANDBOX_READY, rig.status(id).getState());
    rig.stop(id);
    // The first daemon is this test's process: nobody else reaps for it.
    String state = LINUX.files().readText("/proc/" + pid + "/status");
    assertTrue(state.contains("State:\tZ"), state);
  }

  @Test
  void podWhoseSharedPidIsGone_isNotReady() throws Exception {
    String id = rig.run(sharedPidPod());
    int pid = pauseOf(id);
    try (Fd pidfd = LINUX.processes().openPidfd(pid)) {
      LINUX.processes().kill(pid, 9);
      LINUX.processes().await(pidfd);
    }
    rig.start();
    assertEquals(PodSandboxState.SANDBOX_NOTREADY, rig.status(id).getState());
  }
}
