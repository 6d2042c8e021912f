package io.gantry.tests.registry;

import io.gantry.tests.tools.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The images that tests run, each made from Debian packages. */
public final class TestImages {

  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private final DebianPackages debian;
  private Layer busyboxLayer;
  private Layer libraries;

  public TestImages(DebianPackages debian) {
    this.debian = debian;
  }

  /** Debian's static busybox with a link for every applet, users as Debian numbers them. */
  public TestImage busybox() {
    return TestImage.of(busyboxLayer()).command("sh");
  }

  /**
   * busybox with an {@code ls} that is a program of its own, as in images whose busybox looks for
   * programs before its own applets. Debian's never does: its shell runs {@code ls} itself,
   * whatever is mounted over {@code /bin/ls}. So its applet of that name goes by another one here.
   */
  public TestImage busyboxWithoutLs() {
    Layer ls = new LayerBuilder().fileFrom("bin/ls", 0755, Path.of("/bin/ls")).gzipped();
    return TestImage.of(busyboxLayer(busyboxRenaming("ls", "lr")), libraries(), ls).command("sh");
  }

  /** An image that does nothing until it is killed. */
  public TestImage pause() {
    Layer layer =
        new LayerBuilder()
            .fileFrom("bin/busybox", 0755, BUSYBOX)
            .symlink("bin/sleep", "busybox")
            .gzipped();
    return TestImage.of(layer).entrypoint("/bin/sleep", "2147483647");
  }

  /** Files of the kinds and with the attributes that unpacking must keep, over three layers. */
  public TestImage kinds() {
    Layer lower =
        new LayerBuilder()
            .directory("data", 0755)
            .file("data/kept", 0640, 1000, 1001, bytes("kept\n"), Map.of())
            .file("data/removed", 0644, "removed\n")
            .file("data/replaced", 0644, "lower\n")
            .file("data/becomes-directory", 0644, "a file\n")
            .directory("data/hidden", 0755)
            .file("data/hidden/lower", 0644, "hidden by an opaque directory\n")
            .directory("data/gone", 0755)
            .file("data/gone/inside", 0644, "inside\n")
            .gzipped();
    Layer upper =
        new LayerBuilder()
            .whiteout("data/removed")
            .whiteout("data/gone")
            .opaque("data/hidden")
            .file("data/hidden/upper", 0644, "upper\n")
            .file("data/replaced", 0600, "upper\n")
            .whiteout("data/becomes-directory")
            .directory("data/becomes-directory", 0711)
            .file("data/becomes-directory/inside", 0644, "inside\n")
            .file("data/setuid", 04755, "#!/bin/sh\n")
            .file("data/setgid", 02755, 0, 50, bytes("#!/bin/sh\n"), Map.of())
            .directory("data/sticky", 01777)
            .file("data/sticky/inside", 0644, "inside\n")
            .file("data/attributed", 0644, 0, 0, bytes("x\n"), Map.of("user.gantry", bytes("kept")))
            .hardlink("data/second-name", "data/attributed", 0644)
            .symlink("data/link", "replaced")
            .symlink("data/absolute-link", "/data/replaced")
            .fifo("data/fifo", 0622)
            .characterDevice("data/null", 0666, 1, 3)
            .file("data/ünïcödé and a " + "very-".repeat(40) + "long name", 0644, "long\n")
            .plain();
    return TestImage.of(busyboxLayer(), lower, upper).command("sh");
  }

  /** nginx as Debian builds it, with the libraries it needs: an image of several megabytes. */
  public TestImage nginx(int port) {
    LayerBuilder server = new LayerBuilder();
    debian.copyInto(server, "nginx", DebianPackages::notDocumentation);
    debian.copyInto(server, "nginx-common", path -> path.startsWith("etc/nginx/"));
    server
        .directory("var/log/nginx", 0755)
        .directory("var/lib/nginx", 0755)
        .directory("var/run", 0755)
        .file("srv/index.html", 0644, "<html>served by nginx</html>\n")
        .file("etc/nginx/test.conf", 0644, nginxConfiguration(port));
    return TestImage.of(busyboxLayer(), libraries(), server.gzipped())
        .entrypoint("/usr/sbin/nginx", "-c", "/etc/nginx/test.conf")
        .stopSignal("SIGQUIT");
  }

  /**
   * What Dockerfiles begin with: busybox for the shell and its programs, and of Debian's packages
   * perl, nginx, and tcc with what a C program is compiled against.
   */
  public TestImage debian() {
    LayerBuilder programs = new LayerBuilder();
    for (String name : List.of("perl-base", "nginx", "tcc", "libc6-dev", "linux-libc-dev")) {
      debian.copyInto(programs, name, DebianPackages::notDocumentation);
    }
    programs
        .directory("var/log/nginx", 0755)
        .directory("var/lib/nginx", 0755)
        .directory("run", 0755)
        .directory("usr/local/bin", 0755);
    return TestImage.of(busyboxLayer(), libraries(), programs.gzipped()).command("sh");
  }

  /** Says that it has started, and to each line on port 8080 that it has understood. */
  public TestImage ryuk() {
    Layer program =
        new LayerBuilder()
            .file("bin/agree", 0755, "#!/bin/sh\nwhile read -r line; do echo ACK; done\n")
            .gzipped();
    return TestImage.of(busyboxLayer(), program)
        .entrypoint("sh", "-c", "echo Started; exec nc -ll -p 8080 -e /bin/agree");
  }

  /** busybox's web server on port 80, which names itself in the container's log. */
  public TestImage httpd() {
    Layer pages =
        new LayerBuilder().file("srv/index.html", 0644, "<html>served by httpd</html>\n").gzipped();
    return TestImage.of(busyboxLayer(), pages)
        .entrypoint("sh", "-c", "echo httpd starts; exec httpd -f -vv -p 80 -h /srv");
  }

  /** Prints the effective user of a setuid-root program, which no_new_privs must keep from root. */
  public TestImage setuidReport() {
    // busybox would drop the privilege by itself; coreutils' id reports it.
    Layer program =
        new LayerBuilder().fileFrom("usr/bin/setuid-id", 04755, Path.of("/usr/bin/id")).gzipped();
    return TestImage.of(busyboxLayer(), libraries(), program)
        .entrypoint("sh", "-c", "echo Effective uid: $(/usr/bin/setuid-id -u)");
  }

  /** busybox with one extra file, so that its ID is its own. */
  public TestImage marked(String mark) {
    return busybox().plus(new LayerBuilder().file(mark, 0644, mark).gzipped());
  }

  /** User 1000 is by /etc/group a member of group 50000, and the image runs as that user. */
  public TestImage memberOfGroup() {
    Layer users =
        new LayerBuilder()
            .file(
                "etc/passwd",
                0644,
                PASSWD + "default-user:x:1000:1000::/home/default-user:/bin/sh\n")
            .file(
                "etc/group",
                0644,
                GROUP + "default-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n")
            .directory("home/default-user", 0755, 1000, 1000)
            .gzipped();
    return busybox().plus(users).user("1000");
  }

  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      daemon:x:1:1:daemon:/usr/sbin:/bin/false
      www-data:x:33:33:www-data:/var/www:/bin/false
      nobody:x:65534:65534:nobody:/home:/bin/false
      """;

  private static final String GROUP =
      """
      root:x:0:
      daemon:x:1:
      tty:x:5:
      www-data:x:33:
      staff:x:50:
      nogroup:x:65534:
      """;

  // Debian builds busybox without these two, and critest runs them.
  private static final String PGREP =
      """
      #!/bin/sh
      # pgrep [-f] PATTERN: processes by name, or with -f by all their words
      file=comm; [ "$1" != -f ] || { file=cmdline; shift; }
      found=1
      for process in /proc/[0-9]*; do
        [ "${process#/proc/}" != $$ ] || continue
        tr '\\0' ' ' < $process/$file 2>/dev/null | grep -q -- "$1" || continue
        echo "${process#/proc/}"; found=0
      done
      exit $found
      """;

  private static final String IPCS =
      """
      #!/bin/sh
      # ipcs -m: the shared memory segments of this IPC namespace
      exec cat /proc/sysvipc/shm
      """;

  /** What nginx and coreutils' id are linked against, some megabytes. */
  private Layer libraries() {
    if (libraries == null) {
      LayerBuilder layer = new LayerBuilder();
      for (String name :
          List.of("libc6", "libcrypt1", "libpcre2-8-0", "libselinux1", "libssl3", "zlib1g")) {
        debian.copyInto(layer, name, path -> path.matches(".*\\.so(\\.[0-9]+)*$"));
      }
      libraries = layer.gzipped();
    }
    return libraries;
  }

  private Layer busyboxLayer() {
    if (busyboxLayer == null) {
      busyboxLayer = busyboxLayer(read(BUSYBOX));
    }
    return busyboxLayer;
  }

  private static Layer busyboxLayer(byte[] busybox) {
    LayerBuilder layer =
        new LayerBuilder()
            .file("bin/busybox", 0755, busybox)
            .file("etc/passwd", 0644, PASSWD)
            .file("etc/group", 0644, GROUP)
            .directory("root", 0700)
            .directory("tmp", 01777)
            .directory("home", 0755)
            .directory("var/www", 0755);
    Command.of(BUSYBOX.toString(), "--list-full")
        .run()
        .orFail()
        .stdout()
        .lines()
        .map(String::strip)
        .filter(path -> !path.equals("bin/busybox") && path.contains("/"))
        // Hard links, as in other busybox images: masking /bin/ls must not mask all of them.
        .forEach(path -> layer.hardlink(path, "bin/busybox", 0755));
    return layer.file("usr/bin/pgrep", 0755, PGREP).file("usr/bin/ipcs", 0755, IPCS).gzipped();
  }

  /** busybox's program with one name changed in its sorted table of applets, in place. */
  private static byte[] busyboxRenaming(String applet, String other) {
    String program = new String(read(BUSYBOX), StandardCharsets.ISO_8859_1);
    String entry = "\0" + applet + "\0";
    if (program.indexOf(entry) < 0 || program.indexOf(entry) != program.lastIndexOf(entry)) {
      throw new IllegalStateException(BUSYBOX + " does not name its applet " + applet + " once");
    }
    return program.replace(entry, "\0" + other + "\0").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("read " + file + " for an image", e);
    }
  }

  private static String nginxConfiguration(int port) {
    return """
    daemon off;
    worker_processes 1;
    error_log stderr notice;
    pid /var/run/nginx.pid;
    events {}
    http {
      access_log /dev/stdout;
      server {
        listen %d;
        root /srv;
      }
    }
    """
        .formatted(port);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
