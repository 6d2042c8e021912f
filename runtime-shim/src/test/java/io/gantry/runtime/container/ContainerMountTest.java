package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.container.ContainerTestBench.Outcome;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.rootfs.RootfsMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts of a container, also against images and volumes that mean ill. */
@Tag("root")
class ContainerMountTest {
  @TempDir Path temp;
  private ContainerTestBench bench;
  private Path host;
  private final List<Path> hostMounts = new ArrayList<>();

  @BeforeEach
  void setUp() throws Exception {
    bench = new ContainerTestBench(temp);
    host = Files.createDirectory(temp.resolve("host"));
    Files.writeString(host.resolve("file"), "of the host\n");
  }

  @AfterEach
  void tearDown() throws Exception {
    for (int i = hostMounts.size() - 1; i >= 0; i--) {
      bench.linux.mounts().unmount(hostMounts.get(i).toString(), MountFlags.MNT_DETACH);
    }
    if (bench != null) {
      bench.close();
    }
  }

  private void mountTmpfs(Path at) throws IOException {
    Files.createDirectories(at);
    bench.linux.mounts().mount("tmpfs", at.toString(), "tmpfs", 0, null);
    hostMounts.add(at);
  }

  private void bind(String destination, String... options) {
    List<String> all = new ArrayList<>(List.of("rbind"));
    all.addAll(List.of(options));
    bench.bundle.mounts.add(OciMount.of(destination, "bind", host.toString(), all));
  }

  private String output(String script) throws Exception {
    Outcome outcome = bench.run(script);
    assertEquals(0, outcome.code(), outcome.output());
    return outcome.output();
  }

  private String createFailure() throws Exception {
    bench.bundle.write("true");
    return assertThrows(ContainerException.class, () -> bench.create()).getMessage();
  }

  @Test
  void bind_showsTheHostsFiles_writableAndMadeWhereMissing() throws Exception {
    bind("/made/deep");
    assertEquals("of the host\n", output("echo new >/made/deep/new; cat /made/deep/file"));
    assertEquals("new\n", Files.readString(host.resolve("new")));
  }

  @Test
  void bindOfAFile_getsAFileToLieOn() throws Exception {
    bench.bundle.mounts.add(
        OciMount.of("/etc/deep/file", "bind", host.resolve("file").toString(), List.of("bind")));
    assertEquals("of the host\n", output("cat /etc/deep/file"));
  }

  @Test
  void readOnlyBind_refusesWritesButLeavesMountsBelowAsTheyAre() throws Exception {
    mountTmpfs(host.resolve("below"));
    bind("/v", "ro");
    Outcome outcome = bench.run("touch /v/below/x; touch /v/x");
    assertEquals(1, outcome.code());
    assertTrue(outcome.output().contains("/v/x: Read-only file system"), outcome.output());
    assertFalse(outcome.output().contains("below"), outcome.output());
  }

  @Test
  void recursivelyReadOnlyBind_refusesWritesBelowToo() throws Exception {
    mountTmpfs(host.resolve("below"));
    bind("/v", "rro");
    Outcome outcome = bench.run("touch /v/below/x; touch /v/x");
    assertTrue(outcome.output().contains("/v/below/x: Read-only file system"), outcome.output());
    assertTrue(outcome.output().contains("/v/x: Read-only file system"), outcome.output());
  }

  @Test
  void optionsOfABind_areOnTheMountAndTheHostsStay() throws Exception {
    mountTmpfs(host);
    bench
        .linux
        .mounts()
        .mount(
            null,
            host.toString(),
            null,
            MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_NODEV,
            null);
    bind("/v", "nosuid", "noexec");
    String line = output("grep ' /v ' /proc/self/mountinfo");
    assertTrue(line.contains(" rw,nosuid,nodev,noexec,"), line);
  }

  @Test
  void missingSource_isNamed() throws Exception {
    bench.bundle.mounts.add(OciMount.of("/v", "bind", "/no/such/thing", List.of("rbind")));
    assertEquals(
        "create container c0: mount /no/such/thing at /v in container c0:"
            + " source /no/such/thing does not exist",
        createFailure());
  }

  @Test
  void privateBind_doesNotSeeLaterMountsOfTheHost_slaveDoes_sharedGivesBack() throws Exception {
    mountTmpfs(host);
    bench.linux.mounts().mount(null, host.toString(), null, MountFlags.MS_SHARED, null);
    for (String name : List.of("later", "back")) {
      Files.createDirectory(host.resolve(name));
    }
    bind("/private", "rprivate");
    bind("/unsaid");
    bind("/slave", "rslave");
    bind("/shared", "rshared");
    bench.bundle.rootfsPropagation = Optional.of("rshared");
    bench.bundle.capabilities =
        Optional.of(
            new OciCapabilities(
                List.of("CAP_SYS_ADMIN"),
                List.of("CAP_SYS_ADMIN"),
                List.of(),
                List.of("CAP_SYS_ADMIN"),
                List.of()));
    bench.bundle.write("sh", "-c", "mount -t tmpfs back /shared/back; echo ready; sleep 1000");
    Container container = bench.create();
    bench.startAndAwaitReady(container);
    assertTrue(isMounted(host.resolve("back")), "a mount below a shared bind reaches the host");
    bench.linux.mounts().mount("tmpfs", host.resolve("later").toString(), "tmpfs", 0, null);
    String mounts =
        bench.exec(container, bench.bundle.process("cat", "/proc/self/mountinfo")).output();
    assertTrue(mounts.contains(" /slave/later "), mounts);
    assertTrue(mounts.contains(" /shared/later "), mounts);
    assertFalse(mounts.contains(" /private/later "), mounts);
    assertFalse(mounts.contains(" /unsaid/later "), mounts);
    container.delete();
    assertTrue(isMounted(host.resolve("later")), "the host keeps its mounts");
    bench.linux.mounts().unmount(host.resolve("later").toString(), MountFlags.MNT_DETACH);
    bench.linux.mounts().unmount(host.resolve("back").toString(), MountFlags.MNT_DETACH);
  }

  @Test
  void rootPropagation_isThatOfTheRootMountAlone() throws Exception {
    bench.bundle.rootfsPropagation = Optional.of("rshared");
    bind("/v");
    String mounts = output("grep -E ' (/|/v) ' /proc/self/mountinfo");
    for (String line : mounts.lines().toList()) {
      boolean root = line.split(" ")[4].equals("/");
      assertEquals(root, line.contains(" shared:"), line);
    }
    bench.bundle.rootfsPropagation = Optional.of("sideways");
    assertTrue(createFailure().contains("\"sideways\" is not a propagation"));
  }

  private boolean isMounted(Path path) throws IOException {
    return bench.linux.mounts().mountInfo().stream()
        .anyMatch(m -> m.target().equals(path.toString()));
  }

  @Test
  void sharedBind_ofWhatIsNotSharedIsRefused() throws Exception {
    mountTmpfs(host);
    bench.linux.mounts().mount(null, host.toString(), null, MountFlags.MS_PRIVATE, null);
    bind("/v", "rshared");
    String message = createFailure();
    assertTrue(message.endsWith("is on the mount " + host + ", which is not shared"), message);
  }

  @Test
  void linksInTheImage_leadInsideTheImage() throws Exception {
    Path outside = Files.createDirectory(temp.resolve("outside"));
    Path image = bench.bundle.rootfs;
    Files.createSymbolicLink(image.resolve("absolute"), outside);
    Files.createSymbolicLink(image.resolve("climbing"), Path.of("../../../../../../" + outside));
    Files.createSymbolicLink(image.resolve("var"), Path.of("/data/var"));
    bind("/absolute/a");
    bind("/climbing/b");
    bind("/var/c");
    bench.bundle.cwd = "/climbing/cwd";
    assertEquals(
        "of the host\n".repeat(3),
        output("cat /absolute/a/file /climbing/b/file /data/var/c/file"));
    assertEquals(List.of(), List.of(outside.toFile().list()));
    assertTrue(Files.isDirectory(image.resolve("data/var/c"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void procThatIsALink_isRefused() throws Exception {
    Files.createSymbolicLink(bench.bundle.rootfs.resolve("proc"), Path.of("/tmp"));
    String message = createFailure();
    assertTrue(message.contains("at /proc"), message);
    assertTrue(message.contains("symbolic link"), message);
  }

  @Test
  void sysThatIsALink_isRefused() throws Exception {
    Files.createSymbolicLink(bench.bundle.rootfs.resolve("sys"), Path.of("/tmp"));
    assertTrue(createFailure().contains("symbolic link"));
  }

  @Test
  void mountsOverProc_areRefusedButForKnownFiles() throws Exception {
    bench.bundle.mounts.add(
        OciMount.of("/proc/uptime", "bind", host.resolve("file").toString(), List.of("bind")));
    assertEquals("of the host\n", output("cat /proc/uptime"));
    for (String path : List.of("/proc/sys", "/proc/self/../1/attr", "/proc/self/exe")) {
      bench.bundle.mounts.remove(bench.bundle.mounts.size() - 1);
      bench.bundle.mounts.add(
          OciMount.of(path, "bind", host.resolve("file").toString(), List.of("bind")));
      assertTrue(createFailure().endsWith("nothing may be mounted there"));
    }
    bench.bundle.mounts.remove(bench.bundle.mounts.size() - 1);
    bench.bundle.mounts.removeIf(m -> m.destination().equals("/proc"));
    bench.bundle.mounts.add(OciMount.of("/proc", "tmpfs", "tmpfs", List.of()));
    assertTrue(createFailure().endsWith("only proc may be mounted there"));
    bench.bundle.mounts.remove(bench.bundle.mounts.size() - 1);
    bind("/proc");
    assertTrue(createFailure().endsWith("only proc may be mounted there"));
  }

  @Test
  void tmpfs_canBeKeptOutOfSwap() throws Exception {
    assumeTrue(bench.linux.host().kernel().isAtLeast(6, 4), "noswap is of kernel 6.4");
    bench.bundle.mounts.add(
        OciMount.of("/secret", "tmpfs", "tmpfs", List.of("noswap", "size=64k", "mode=700")));
    String line = output("grep ' /secret ' /proc/self/mounts");
    assertTrue(line.contains("noswap") && line.contains("size=64k"), line);
  }

  @Test
  void readOnlyRoot_keepsOtherMountsWritable() throws Exception {
    bench.bundle.readonlyRoot = true;
    bench.bundle.cwd = "/made";
    Outcome outcome = bench.run("touch /dev/shm/ok && touch /x");
    assertEquals(1, outcome.code());
    assertEquals("touch: /x: Read-only file system\n", outcome.output());
  }

  @Test
  void tmpfs_takesItsOwnOptions() throws Exception {
    bench.bundle.mounts.add(
        OciMount.of("/t", "tmpfs", "tmpfs", List.of("size=1m", "mode=1770", "noexec")));
    assertEquals("1770\n", output("stat -c %a /t"));
    assertTrue(output("grep ' /t ' /proc/self/mountinfo").contains("size=1024k"));
    bench.bundle.mounts.add(OciMount.of("/u", "tmpfs", "tmpfs", List.of("nonsense=1")));
    assertTrue(createFailure().contains("mount tmpfs at /u in container"));
  }

  @Test
  void mqueueAndSysfs_areOfTheContainersNamespaces() throws Exception {
    String mounts = output("cat /proc/self/mountinfo");
    assertTrue(mounts.contains(" /dev/mqueue rw,nosuid,nodev,noexec"), mounts);
    assertTrue(mounts.contains(" /sys ro,nosuid,nodev,noexec"), mounts);
  }

  @Test
  void overlayRoot_isMountedForTheContainerOnly() throws Exception {
    bench.bundle.write("sh", "-c", "echo changed >/etc/passwd; echo ready; sleep 1000");
    moveRootfsAway();
    Container container = bench.create(overlay(List.of(temp.resolve("lower").toString())), false);
    bench.startAndAwaitReady(container);
    assertEquals("changed\n", Files.readString(temp.resolve("upper/etc/passwd")));
    assertEquals(0, bench.bundle.rootfs.toFile().list().length, "nothing is seen on the host");
    container.delete();
  }

  private void moveRootfsAway() throws IOException {
    Files.move(bench.bundle.rootfs, temp.resolve("lower"));
    Files.createDirectory(bench.bundle.rootfs);
  }

  private List<RootfsMount> overlay(List<String> lower) throws IOException {
    Path upper = Files.createDirectories(temp.resolve("upper"));
    Path work = Files.createDirectories(temp.resolve("work"));
    return List.of(
        new RootfsMount(
            "overlay",
            "overlay",
            List.of(
                "lowerdir=" + String.join(":", lower), "upperdir=" + upper, "workdir=" + work)));
  }

  @Test
  void overlayRoot_ofManyLayersWithLongPaths() throws Exception {
    moveRootfsAway();
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Path layer = temp.resolve("layer-" + "x".repeat(60) + i);
      Files.createDirectories(layer);
      Files.writeString(layer.resolve("layer" + i), "");
      layers.add(layer.toString());
    }
    layers.add(temp.resolve("lower").toString());
    bench.bundle.write("sh", "-c", "test $(ls / | grep -c layer) = 100");
    Container container = bench.create(overlay(layers), false);
    assertEquals(0, bench.await(container.start(new ProcessStdio.Pipes(0, 1, 2))));
  }
}
