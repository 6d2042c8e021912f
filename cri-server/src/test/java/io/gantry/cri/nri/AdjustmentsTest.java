package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.nri.CDIDevice;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.Hook;
import io.gantry.proto.nri.Hooks;
import io.gantry.proto.nri.IOPrioClass;
import io.gantry.proto.nri.KeyValue;
import io.gantry.proto.nri.LinuxCPU;
import io.gantry.proto.nri.LinuxContainerAdjustment;
import io.gantry.proto.nri.LinuxDevice;
import io.gantry.proto.nri.LinuxIOPriority;
import io.gantry.proto.nri.LinuxMemory;
import io.gantry.proto.nri.LinuxMemoryPolicy;
import io.gantry.proto.nri.LinuxNamespace;
import io.gantry.proto.nri.LinuxNetDevice;
import io.gantry.proto.nri.LinuxPids;
import io.gantry.proto.nri.LinuxRdt;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.LinuxScheduler;
import io.gantry.proto.nri.LinuxSeccomp;
import io.gantry.proto.nri.Mount;
import io.gantry.proto.nri.OptionalInt;
import io.gantry.proto.nri.OptionalInt64;
import io.gantry.proto.nri.OptionalString;
import io.gantry.proto.nri.OptionalUInt64;
import io.gantry.proto.nri.POSIXRlimit;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciIoPriority;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdjustmentsTest {
  private static final PluginName PLUGIN = new PluginName("10", "a");

  static final String SPEC =
      """
      {"ociVersion": "1.2.0", "root": {"path": "rootfs"},
       "annotations": {"kept": "1", "gone": "2"},
       "process": {"cwd": "/", "args": ["serve"], "env": ["PATH=/bin", "OLD=1", "TEXT=a=b"],
                   "user": {"uid": 0, "gid": 0}},
       "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                  {"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind"]}],
       "linux": {"namespaces": [{"type": "mount"}, {"type": "ipc", "path": "/ipc"}],
                 "resources": {"memory": {"limit": 1000, "swap": 1000}}}}
      """;

  private static OciSpec adjusted(Consumer<ContainerAdjustment.Builder> change) throws Exception {
    ContainerAdjustment.Builder adjustment = ContainerAdjustment.newBuilder();
    change.accept(adjustment);
    return Adjustments.apply(
        OciSpecReader.parse(SPEC), adjustment.build(), PLUGIN, AdjustmentsTest::give);
  }

  /** A device brings a variable and a mount. */
  private static OciSpec give(Set<String> names, OciSpec spec) {
    if (names.contains("v.com/c=none")) {
      throw new IllegalArgumentException("CDI device v.com/c=none: no such device");
    }
    OciProcess process = spec.process().orElseThrow();
    List<String> env = new ArrayList<>(process.env());
    env.add("DEVICES=" + String.join(",", names));
    List<OciMount> mounts = new ArrayList<>(spec.mounts());
    mounts.add(OciMount.of("/device", "bind", "/vendor", List.of("rbind")));
    return spec.with(process.with(process.user(), env)).withMounts(mounts);
  }

  private static OciSpec linux(Consumer<LinuxContainerAdjustment.Builder> change) throws Exception {
    LinuxContainerAdjustment.Builder linux = LinuxContainerAdjustment.newBuilder();
    change.accept(linux);
    return adjusted(adjustment -> adjustment.setLinux(linux));
  }

  @Test
  void nothing_changesNothing() throws Exception {
    assertEquals(OciSpecReader.parse(SPEC), adjusted(adjustment -> {}));
  }

  @Test
  void annotations_areSetAndRemoved() throws Exception {
    OciSpec spec =
        adjusted(change -> change.putAnnotations("new", "3").putAnnotations("-gone", ""));

    assertEquals(Map.of("kept", "1", "new", "3"), spec.annotations());
  }

  @Test
  void env_keepsItsOrder() throws Exception {
    OciSpec spec =
        adjusted(
            change ->
                change
                    .addEnv(KeyValue.newBuilder().setKey("NEW").setValue("2"))
                    .addEnv(KeyValue.newBuilder().setKey("PATH").setValue("/sbin"))
                    .addEnv(KeyValue.newBuilder().setKey("-OLD")));

    assertEquals(List.of("PATH=/sbin", "TEXT=a=b", "NEW=2"), spec.process().get().env());
  }

  @Test
  void args_areReplacedAlsoByForce() throws Exception {
    assertEquals(List.of("run"), adjusted(change -> change.addArgs("run")).process().get().args());
    assertEquals(
        List.of("run"),
        adjusted(change -> change.addArgs("").addArgs("run")).process().get().args());
  }

  @Test
  void mounts_areReplacedRemovedAndMadeOuterOnesFirst() throws Exception {
    OciSpec spec =
        adjusted(
            change ->
                change
                    .addMounts(mount("/data/deep", "/deep", "rbind", "rslave"))
                    .addMounts(mount("/data", "/other", "rbind"))
                    .addMounts(Mount.newBuilder().setDestination("-/proc")));

    assertEquals(
        List.of("/data", "/data/deep"), spec.mounts().stream().map(OciMount::destination).toList());
    assertEquals(Optional.of("/other"), spec.mounts().get(0).source());
    assertEquals(Optional.of("rslave"), spec.linux().rootfsPropagation());
  }

  private static Mount mount(String destination, String source, String... options) {
    return Mount.newBuilder()
        .setDestination(destination)
        .setSource(source)
        .setType("bind")
        .addAllOptions(List.of(options))
        .build();
  }

  @Test
  void hooks_areAdded() throws Exception {
    OciSpec spec =
        adjusted(
            change ->
                change.setHooks(
                    Hooks.newBuilder()
                        .addCreateRuntime(
                            Hook.newBuilder()
                                .setPath("/bin/hook")
                                .addArgs("hook")
                                .setTimeout(OptionalInt.newBuilder().setValue(3)))));

    assertEquals(
        List.of(new OciHook("/bin/hook", List.of("hook"), List.of(), java.util.OptionalInt.of(3))),
        spec.hooks().createRuntime());
  }

  @Test
  void processLimits_areSet() throws Exception {
    OciSpec spec =
        adjusted(
            change ->
                change
                    .addRlimits(
                        POSIXRlimit.newBuilder().setType("RLIMIT_NOFILE").setSoft(5).setHard(6))
                    .setLinux(
                        LinuxContainerAdjustment.newBuilder()
                            .setOomScoreAdj(OptionalInt.newBuilder().setValue(-5))
                            .setIoPriority(
                                LinuxIOPriority.newBuilder()
                                    .setClass_(IOPrioClass.IOPRIO_CLASS_BE)
                                    .setPriority(7))));

    assertEquals(List.of(new OciRlimit("RLIMIT_NOFILE", 5, 6)), spec.process().get().rlimits());
    assertEquals(java.util.OptionalInt.of(-5), spec.process().get().oomScoreAdj());
    assertEquals(
        Optional.of(new OciIoPriority("IOPRIO_CLASS_BE", 7)), spec.process().get().ioPriority());
  }

  @Test
  void device_mayBeOpened() throws Exception {
    OciSpec spec =
        linux(
            linux ->
                linux.addDevices(
                    LinuxDevice.newBuilder()
                        .setPath("/dev/fuse")
                        .setType("c")
                        .setMajor(10)
                        .setMinor(229)));

    assertEquals("/dev/fuse", spec.linux().devices().get(0).path());
    assertEquals(
        List.of(new OciDeviceRule(true, 'c', OptionalLong.of(10), OptionalLong.of(229), "rwm")),
        spec.linux().resources().devices());
  }

  @Test
  void limits_areSetAndSwapFollowsMemory() throws Exception {
    OciSpec spec =
        linux(
            linux ->
                linux.setResources(
                    LinuxResources.newBuilder()
                        .setMemory(
                            LinuxMemory.newBuilder()
                                .setLimit(OptionalInt64.newBuilder().setValue(2000)))
                        .setCpu(
                            LinuxCPU.newBuilder()
                                .setShares(OptionalUInt64.newBuilder().setValue(512))
                                .setCpus("0"))
                        .setPids(LinuxPids.newBuilder().setLimit(7))
                        .putUnified("memory.high", "1")));

    assertEquals(OptionalLong.of(2000), spec.linux().resources().memory().limit());
    assertEquals(OptionalLong.of(2000), spec.linux().resources().memory().swap());
    assertEquals(OptionalLong.of(512), spec.linux().resources().cpu().shares());
    assertEquals(Optional.of("0"), spec.linux().resources().cpu().cpus());
    assertEquals(OptionalLong.of(7), spec.linux().resources().pidsLimit());
    assertEquals(Map.of("memory.high", "1"), spec.linux().resources().unified());
  }

  @Test
  void kernelSettings_areSet() throws Exception {
    OciSpec spec =
        linux(
            linux ->
                linux
                    .setCgroupsPath("/elsewhere")
                    .putSysctl("net.core.somaxconn", "9")
                    .addNamespaces(LinuxNamespace.newBuilder().setType("-ipc"))
                    .addNamespaces(LinuxNamespace.newBuilder().setType("uts").setPath("/uts"))
                    .setSeccompPolicy(
                        LinuxSeccomp.newBuilder().setDefaultAction("SCMP_ACT_ALLOW")));

    assertEquals(Optional.of("/elsewhere"), spec.linux().cgroupsPath());
    assertEquals(Map.of("net.core.somaxconn", "9"), spec.linux().sysctl());
    assertEquals(
        List.of(
            OciNamespace.fresh(OciNamespace.Type.MOUNT),
            OciNamespace.at(OciNamespace.Type.UTS, "/uts")),
        spec.linux().namespaces());
    assertEquals("SCMP_ACT_ALLOW", spec.linux().seccomp().get().defaultAction());
  }

  static Stream<Consumer<LinuxContainerAdjustment.Builder>> whatGantryCannotDo() {
    return Stream.of(
        linux -> linux.putNetDevices("eth1", LinuxNetDevice.getDefaultInstance()),
        linux -> linux.setScheduler(LinuxScheduler.getDefaultInstance()),
        linux -> linux.setRdt(LinuxRdt.getDefaultInstance()),
        linux -> linux.setMemoryPolicy(LinuxMemoryPolicy.getDefaultInstance()),
        linux ->
            linux.setResources(
                LinuxResources.newBuilder().setBlockioClass(OptionalString.getDefaultInstance())),
        linux ->
            linux.setResources(
                LinuxResources.newBuilder().setRdtClass(OptionalString.getDefaultInstance())),
        linux -> linux.addNamespaces(LinuxNamespace.newBuilder().setType("unknown")),
        linux -> linux.setOomScoreAdj(OptionalInt.newBuilder().setValue(1001)));
  }

  @ParameterizedTest
  @MethodSource("whatGantryCannotDo")
  void whatGantryCannotDo_isRefusedInThePluginsName(
      Consumer<LinuxContainerAdjustment.Builder> change) {
    IOException refused = assertThrows(IOException.class, () -> linux(change));

    assertTrue(refused.getMessage().startsWith("NRI plugin 10-a"), refused.getMessage());
  }

  @Test
  void cdiDevices_areGivenAndWhatThePluginSaysItselfGoesBeforeTheirs() throws Exception {
    OciSpec spec =
        adjusted(
            change ->
                change
                    .addCDIDevices(CDIDevice.newBuilder().setName("v.com/c=1"))
                    .addCDIDevices(CDIDevice.newBuilder().setName("v.com/c=2"))
                    .addEnv(KeyValue.newBuilder().setKey("OLD").setValue("plugin"))
                    .addMounts(
                        Mount.newBuilder()
                            .setDestination("/device")
                            .setSource("/own")
                            .addOptions("bind")));

    assertEquals(
        List.of("PATH=/bin", "OLD=plugin", "TEXT=a=b", "DEVICES=v.com/c=1,v.com/c=2"),
        spec.process().orElseThrow().env());
    assertEquals(
        List.of(Optional.of("/own")),
        spec.mounts().stream()
            .filter(mount -> mount.destination().equals("/device"))
            .map(OciMount::source)
            .toList());
  }

  @Test
  void cdiDevice_thatCannotBeGivenIsNamedWithThePlugin() {
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                adjusted(
                    change ->
                        change.addCDIDevices(CDIDevice.newBuilder().setName("v.com/c=none"))));

    assertEquals("NRI plugin 10-a: CDI device v.com/c=none: no such device", refused.getMessage());
  }
}
