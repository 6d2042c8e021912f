package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the real docker command asks of an engine about itself, its images, networks and volumes.
 */
@Tag("root")
class DockerSystemIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir private Path directory;
  @RegisterExtension private final Docker docker = node.docker();
  private final String image = node.busybox();

  @Test
  void info_countsContainersAndImages() {
    docker.out("run", "-d", "--network", "none", image, "sleep", "1000");
    docker.out("create", "--network", "none", image, "true");

    assertEquals(
        "2 1 0 1",
        docker.out(
            "info",
            "--format",
            "{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}"));
    assertEquals(
        docker.out("images", "-a", "-q", "--no-trunc").lines().distinct().count() + " linux",
        docker.out("info", "--format", "{{.Images}} {{.OSType}}"));
    assertTrue(docker.out("info").contains("Cgroup Driver: "));
  }

  @Test
  void df_tellsWhatThingsTake_andPruneGivesItBack() {
    docker.out("volume", "create", "filled");
    docker.out(
        "run",
        "--name",
        "filler",
        "--network",
        "none",
        "-v",
        "filled:/data",
        image,
        "sh",
        "-c",
        "dd if=/dev/zero of=/data/file bs=1k count=2000; dd if=/dev/zero of=/file bs=1k"
            + " count=3000");

    assertEquals(
        "Images 1\nContainers 0\nLocal Volumes 1\nBuild Cache 0",
        docker.out("system", "df", "--format", "{{.Type}} {{.Active}}"));
    String verbose = docker.out("system", "df", "-v");
    assertTrue(verbose.contains("filler") && verbose.contains("filled"), verbose);
    String pruned = docker.out("system", "prune", "-f");
    assertTrue(pruned.contains("Deleted Containers:"), pruned);
    assertTrue(pruned.contains("Total reclaimed space: 3."), pruned);
    assertEquals("filled", docker.out("volume", "ls", "-q"), "volumes only when asked for");
    assertTrue(docker.out("system", "prune", "-f", "--volumes").contains("Total reclaimed space"));
    assertEquals("filled", docker.out("volume", "ls", "-q"), "it has a name");
  }

  @Test
  void events_areNarrowedByFilters() {
    docker.out("volume", "create", "noticed");
    docker.out("network", "create", "noticed");
    docker.out(
        "run",
        "--rm",
        "--name",
        "noticed",
        "--label",
        "seen=yes",
        "--network",
        "none",
        image,
        "true");
    docker.out("network", "rm", "noticed");
    docker.out("volume", "rm", "noticed");

    expectEvents("create destroy", "type=volume", "volume=noticed");
    expectEvents("create destroy", "type=network", "network=noticed");
    expectEvents("create attach start die destroy", "type=container", "label=seen=yes");
    expectEvents("die", "event=die", "container=noticed");
    docker.refuses(1, "invalid filter", "events", "--until", "0s", "--filter", "colour=red");
  }

  private void expectEvents(String expected, String... filters) {
    java.util.ArrayList<String> words =
        new java.util.ArrayList<>(
            List.of("events", "--since", "10m", "--until", "0s", "--format", "{{.Action}}"));
    for (String filter : filters) {
      words.addAll(List.of("--filter", filter));
    }
    // The command asks up to the second that has begun.
    Eventually.get(
        "events with " + List.of(filters),
        SOON,
        () -> docker.out(words.toArray(String[]::new)).replace('\n', ' '),
        expected::equals);
  }

  @Test
  void images_areTaggedSavedLoadedAndTold() throws IOException {
    docker.out("tag", image, "told:1");
    docker.out("image", "tag", "told:1", "told:2");

    assertEquals(
        "told:2\ntold:1",
        sorted(docker.out("images", "told", "--format", "{{.Repository}}:{{.Tag}}")));
    assertEquals(
        "told:2",
        docker.out(
            "image", "ls", "--filter", "reference=told:2", "--format", "{{.Repository}}:{{.Tag}}"));
    assertEquals(
        "1",
        docker.out("history", "--format", "{{.ID}}", "told:1").lines().count() + "",
        "it has one layer");
    Path archive = directory.resolve("two.tar");
    docker.out("image", "save", "-o", archive.toString(), "told:1", "told:2");
    assertEquals(
        "Untagged: told:1\nUntagged: told:2", docker.out("image", "rm", "told:1", "told:2"));
    String loaded = docker.out("image", "load", "-i", archive.toString());
    assertTrue(
        loaded.contains("Loaded image: told:1") && loaded.contains("Loaded image: told:2"), loaded);
    docker.out("rmi", "told:1", "told:2");
    docker.refuses(1, "No such image: told:1", "history", "told:1");
    docker.refuses(1, "No such image: told:1", "save", "-o", archive.toString(), "told:1");
    docker.refuses(1, "No such image: told:1", "tag", "told:1", "told:3");
    docker.refuses(1, "invalid reference format", "tag", image, "Not A Name");
  }

  private static String sorted(String lines) {
    return String.join("\n", lines.lines().sorted(java.util.Comparator.reverseOrder()).toList());
  }

  @Test
  void image_thatAContainerNeeds_stays() {
    docker.out("tag", image, "needed:1");
    String id = docker.out("image", "inspect", "-f", "{{.Id}}", image);
    docker.out("create", "--name", "sleeper", "--network", "none", image, "sleep", "1000");

    assertEquals("Untagged: needed:1", docker.out("rmi", "needed:1"), "it has another name");
    docker.refuses(1, "used by stopped container", "rmi", "-f", id);
    docker.out("start", "sleeper");
    docker.refuses(1, "running container", "rmi", "-f", id);
    assertFalse(docker.out("image", "prune", "-a", "-f").contains(id));
    assertEquals("true", docker.out("inspect", "-f", "{{.State.Running}}", "sleeper"));
  }

  @Test
  void exportedContainer_isAnImageOnceImported() {
    docker.out(
        "run", "--name", "source", "--network", "none", image, "sh", "-c", "echo kept > /file");
    Path archive = directory.resolve("root.tar");

    docker.out("export", "-o", archive.toString(), "source");
    docker.out(
        "import",
        "-c",
        "CMD [\"cat\", \"/file\"]",
        "-m",
        "from an export",
        archive.toString(),
        "imported:1");

    assertEquals("kept", docker.out("run", "--rm", "--network", "none", "imported:1"));
    assertEquals(
        "from an export", docker.out("image", "inspect", "-f", "{{.Comment}}", "imported:1"));
    docker.out("rmi", "imported:1");
    docker.refuses(1, "No such container: nobody", "export", "-o", archive.toString(), "nobody");
  }

  @Test
  void networks_areMadeAsAskedListedAndRemoved() {
    String id =
        docker.out(
            "network",
            "create",
            "--subnet",
            "10.77.3.0/24",
            "--gateway",
            "10.77.3.9",
            "--label",
            "a=b",
            "--internal",
            "asked");
    assertEquals(64, id.length());

    assertEquals(
        "bridge true 10.77.3.0/24 10.77.3.9",
        docker.out(
            "network",
            "inspect",
            "-f",
            "{{.Driver}} {{.Internal}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}",
            "asked"));
    assertEquals(
        "asked", docker.out("network", "ls", "--filter", "label=a=b", "--format", "{{.Name}}"));
    assertEquals(
        "bridge\nhost\nnone",
        docker.out("network", "ls", "--filter", "type=builtin", "--format", "{{.Name}}"));
    assertEquals(id.substring(0, 12), docker.out("network", "ls", "-q", "--filter", "name=asked"));
    docker.refuses(1, "already exists", "network", "create", "asked");
    docker.refuses(1, "overlap", "network", "create", "--subnet", "10.77.3.0/25", "other");
    docker.refuses(1, "bridge", "network", "rm", "bridge");
    docker.refuses(1, "network nothing not found", "network", "inspect", "nothing");
    docker.out(
        "run",
        "-d",
        "--name",
        "member",
        "--network",
        "asked",
        "--ip",
        "10.77.3.50",
        image,
        "sleep",
        "1000");
    assertEquals(
        "10.77.3.50/24",
        docker.out(
            "network", "inspect", "-f", "{{range .Containers}}{{.IPv4Address}}{{end}}", "asked"));
    docker.out("network", "disconnect", "-f", "asked", "member");
    docker.out("network", "connect", "--ip", "10.77.3.51", "asked", "member");
    assertEquals(
        "10.77.3.51",
        docker.out("inspect", "-f", "{{.NetworkSettings.Networks.asked.IPAddress}}", "member"));
    assertEquals("", docker.out("network", "prune", "-f"), "it is used");
    docker.out("rm", "-f", "member");
    assertEquals("asked", docker.out("network", "rm", "asked"));
  }

  @Test
  void volumes_areListedByWhatTheyAre_andPrunedWhenAskedFor() {
    docker.out("volume", "create", "--label", "keep=no", "loose");
    docker.out("volume", "create", "held");
    docker.out(
        "create", "--name", "holder", "--network", "none", "-v", "held:/data", image, "true");

    assertEquals("held", docker.out("volume", "ls", "-q", "--filter", "dangling=false"));
    assertEquals("loose", docker.out("volume", "ls", "-q", "--filter", "dangling=true"));
    assertEquals(
        "local loose",
        docker.out("volume", "ls", "--filter", "name=loose", "--format", "{{.Driver}} {{.Name}}"));
    assertTrue(
        Files.isDirectory(
            Path.of(docker.out("volume", "inspect", "-f", "{{.Mountpoint}}", "loose"))));
    String pruned = docker.out("volume", "prune", "-f", "-a", "--filter", "label=keep=no");
    assertTrue(pruned.startsWith("Deleted Volumes:\nloose\n"), pruned);
    assertEquals("held", docker.out("volume", "ls", "-q"));
    docker.refuses(1, "volume is in use", "volume", "rm", "held");
    docker.refuses(1, "no such volume", "volume", "rm", "nothing");
    docker.refuses(1, "is no name for a volume", "volume", "create", "not/a/name");
    docker.refuses(1, "nfs", "volume", "create", "-d", "nfs", "remote");
  }
}
