package io.gantry.cri.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.IpPreference;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Help.Ansi;

class DoctorTest {
  @TempDir private Path directory;

  private static String printed(Ansi ansi, Finding... findings) {
    StringWriter text = new StringWriter();
    new Diagnosis(List.of(findings)).print(new PrintWriter(text), ansi);
    return text.toString();
  }

  private static Verdict only(List<Finding> findings) {
    assertEquals(1, findings.size(), findings.toString());
    return findings.get(0).verdict();
  }

  @Test
  void print_tellsWhatIsMissingAndHowToGetIt() {
    assertEquals(
        """
        ok       kernel        6.1.0
        missing  firewall      no iptables
                               fix: apt-get install iptables
        This machine cannot run pods yet.
        """,
        printed(
            Ansi.OFF,
            Finding.fine("kernel", "6.1.0"),
            Finding.missing("firewall", "no iptables", "apt-get install iptables")));
  }

  @Test
  void print_usesColoursOnlyWhenAsked() {
    assertTrue(printed(Ansi.ON, Finding.fine("kernel", "6.1.0")).contains("\u001b["));
    assertFalse(printed(Ansi.OFF, Finding.fine("kernel", "6.1.0")).contains("\u001b["));
  }

  @Test
  void print_takesFindingsAsTheyAre() {
    assertTrue(printed(Ansi.ON, Finding.fine("kernel", "@|red 100%s|@")).contains("@|red 100%s|@"));
  }

  @Test
  void isFit_inSpiteOfAdvice() {
    assertTrue(new Diagnosis(List.of(Finding.advice("daemon", "away", "start it"))).isFit());
  }

  @Test
  void cgroups_areJudgedByTheVersionThatHasTheMemoryController() {
    Set<String> v1 = Set.of("cpu", "cpuset", "devices", "freezer", "memory", "pids", "rw");

    assertEquals("version 1, hybrid", CgroupCheck.judge(v1, true, Set.of()).words());
    assertEquals(
        "version 2",
        CgroupCheck.judge(Set.of(), true, Set.of("cpu", "cpuset", "memory", "pids", "io")).words());
    assertEquals(
        "version 2 without memory",
        CgroupCheck.judge(Set.of(), true, Set.of("cpu", "cpuset", "pids")).words());
    assertEquals(Verdict.MISSING, CgroupCheck.judge(Set.of(), false, Set.of()).verdict());
  }

  @Test
  void disk_isMissingWhenNearlyFull() {
    assertEquals(Verdict.FINE, disk(10_000_000, 1_000_000).verdict());
    assertEquals(Verdict.ADVICE, disk(500_000, 1_000_000).verdict());
    assertEquals(Verdict.ADVICE, disk(10_000_000, 10).verdict());
    assertEquals(Verdict.MISSING, disk(1_000, 1_000_000).verdict());
  }

  private Finding disk(long blocks, long inodes) {
    return DiskCheck.judge(
        directory, new FileSystemStatus(0, 4096, blocks, blocks, blocks, inodes, inodes, 0));
  }

  @Test
  void network_namesThePluginsThatAreNotInstalled() throws IOException {
    Path plugins = Files.createDirectory(directory.resolve("bin"));
    Path bridge = Files.createFile(plugins.resolve("bridge"));
    assertTrue(bridge.toFile().setExecutable(true));
    Files.writeString(
        directory.resolve("10-pods.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "pods",
         "plugins": [{"type": "bridge", "ipam": {"type": "host-local"}}, {"type": "portmap"}]}
        """);

    List<Finding> findings = network(plugins);

    assertEquals(Verdict.MISSING, only(findings));
    assertTrue(findings.get(0).words().endsWith(": host-local, portmap"), findings.toString());
  }

  @Test
  void network_isMissingWithoutAConfiguration() {
    assertEquals(Verdict.MISSING, only(network(directory)));
  }

  private List<Finding> network(Path plugins) {
    return new NetworkCheck(
            new Config.Cni(
                directory,
                List.of(plugins),
                Duration.ofSeconds(1),
                IpPreference.IPV4,
                Optional.empty()))
        .examine();
  }

  @Test
  void firewall_isFoundAlongTheSearchPath() throws IOException {
    assertEquals(Verdict.MISSING, only(new FirewallCheck(directory + ":relative").examine()));

    assertTrue(Files.createFile(directory.resolve("nft")).toFile().setExecutable(true));
    assertEquals(Verdict.ADVICE, only(new FirewallCheck(directory.toString()).examine()));

    assertTrue(Files.createFile(directory.resolve("iptables")).toFile().setExecutable(true));
    assertEquals(Verdict.FINE, only(new FirewallCheck("/nowhere:" + directory).examine()));
  }

  @Test
  void daemon_isToldFromAStaleSocket() throws IOException {
    Path socket = directory.resolve("s.sock");
    assertEquals(Verdict.ADVICE, only(new DaemonCheck(socket).examine()));

    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      assertEquals(Verdict.FINE, only(new DaemonCheck(socket).examine()));
    }
    assertTrue(Files.exists(socket), "the socket file outlives its server");
    assertEquals(Verdict.ADVICE, only(new DaemonCheck(socket).examine()));
  }

  @Test
  @Tag("root")
  void kernel_isExaminedWithoutLeavingAnythingBehind() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    Linux linux = Linux.open();
    List<Finding> findings =
        Stream.of(
                new KernelCheck(linux.host()),
                new NamespaceCheck(linux.namespaces()),
                new SeccompCheck(linux.processes()),
                new CgroupCheck(linux),
                new OverlayCheck(linux, directory.resolve("not/there/yet")))
            .flatMap(check -> check.examine().stream())
            .toList();

    assertTrue(
        findings.stream().noneMatch(each -> each.words().isBlank()), () -> findings.toString());
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList());
    }
  }
}
