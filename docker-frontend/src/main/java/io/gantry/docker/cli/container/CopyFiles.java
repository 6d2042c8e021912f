package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.archive.Extraction;
import io.gantry.docker.cli.archive.FileTree;
import io.gantry.docker.cli.archive.TarWriter;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Body;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Human;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/**
 * Copies files between a container and this machine. Where the target is a directory, things go
 * into it; where it is not there, they become it: as cp does.
 */
public final class CopyFiles implements Command {
  /** Go's os.ModeDir and os.ModeSymlink. */
  private static final long DIRECTORY = 1L << 31;

  private static final long LINK = 1L << 27;
  private static final int NOT_FOUND = 404;

  @Override
  public Syntax syntax() {
    return Syntax.of(
            "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n"
                + "        gantry cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
            "Copy files between a container and this machine",
            2,
            2,
            """
            -a, --archive       Keep users and groups
            -L, --follow-link   Copy what a link leads to
            -q, --quiet         Do not say how much was copied
            """)
        .describedBy(
            "A - in the place of a path is standard input or output, with a tar archive in it.");
  }

  private record Place(String container, String path) {
    static Optional<Place> of(String word) {
      int colon = word.indexOf(':');
      boolean local = word.startsWith("/") || word.startsWith(".") || word.equals("-") || colon < 1;
      return local
          ? Optional.empty()
          : Optional.of(new Place(word.substring(0, colon), word.substring(colon + 1)));
    }
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    Optional<Place> from = Place.of(arguments.word(0));
    Optional<Place> to = Place.of(arguments.word(1));
    if (from.isPresent() && to.isPresent()) {
      throw new CommandFailure("copying between containers is not supported");
    } else if (from.isPresent()) {
      copyOut(session, arguments, from.get());
    } else if (to.isPresent()) {
      copyIn(session, arguments, to.get());
    } else {
      throw new CommandFailure(
          "must specify at least one container source; write it as CONTAINER:PATH");
    }
    return 0;
  }

  private static Json stat(Session session, String container, String path) throws IOException {
    Query query = Query.of("containers", container, "archive").with("path", path);
    try (Response response = session.api().call(Request.of("HEAD", query.toString()))) {
      return stat(response);
    } catch (ApiFailure e) {
      if (e.status() == NOT_FOUND) {
        return Json.NULL;
      }
      throw e;
    }
  }

  private static Json stat(Response response) throws IOException {
    String header = response.header("X-Docker-Container-Path-Stat").orElse("");
    return Json.parse(new String(Base64.getDecoder().decode(header), StandardCharsets.UTF_8));
  }

  private static boolean isDirectory(Json stat) {
    return (stat.get("mode").number() & DIRECTORY) != 0;
  }

  private static void copyOut(Session session, Arguments arguments, Place from)
      throws IOException, CommandFailure {
    String path = from.path();
    boolean content = path.endsWith("/.") || path.equals(".");
    if (arguments.on("follow-link")) {
      Json stat = stat(session, from.container(), path);
      if ((stat.get("mode").number() & LINK) != 0) {
        path = resolved(path, stat.get("linkTarget").text());
      }
    }
    Query query = Query.of("containers", from.container(), "archive").with("path", path);
    try (Response response = session.api().call(Request.of("GET", query.toString()))) {
      String target = arguments.word(1);
      if (target.equals("-")) {
        response.body().transferTo(session.out());
        session.out().flush();
        return;
      }
      Json stat = stat(response);
      Path place = session.environment().file(target);
      String root = stat.get("name").text();
      long bytes;
      if (Files.isDirectory(place)) {
        bytes = new Extraction(place).unpack(response.body(), root, content ? "" : root);
      } else {
        Path parent = place.toAbsolutePath().normalize().getParent();
        boolean fits = parent != null && Files.isDirectory(parent);
        if (!fits || target.endsWith("/") && !isDirectory(stat)) {
          throw new CommandFailure("no such directory: " + (fits ? place : parent));
        }
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS) && isDirectory(stat)) {
          throw new CommandFailure("cannot copy directory: " + place + " is a file");
        }
        String name = place.toAbsolutePath().normalize().getFileName().toString();
        bytes = new Extraction(parent).unpack(response.body(), root, name);
      }
      tell(session, arguments, bytes, target);
    }
  }

  private static String resolved(String path, String link) {
    return link.startsWith("/") ? link : Path.of(path).resolveSibling(link).normalize().toString();
  }

  private static void copyIn(Session session, Arguments arguments, Place to)
      throws IOException, CommandFailure {
    String path = to.path();
    Json stat = stat(session, to.container(), path);
    if ((stat.get("mode").number() & LINK) != 0) {
      path = resolved(path, stat.get("linkTarget").text());
      stat = stat(session, to.container(), path);
    }
    String word = arguments.word(0);
    if (word.equals("-")) {
      if (!isDirectory(stat)) {
        throw new CommandFailure(
            "destination \"" + to.container() + ":" + path + "\" must be a directory");
      }
      send(
          session,
          arguments,
          to.container(),
          path,
          Body.stream("application/x-tar", session.streams().in()));
      return;
    }
    Path source = session.environment().file(word);
    if (!Files.exists(source, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandFailure("lstat " + source + ": no such file or directory");
    }
    if (arguments.on("follow-link")) {
      source = source.toRealPath();
    }
    boolean directory = Files.isDirectory(source, LinkOption.NOFOLLOW_LINKS);
    boolean content = word.endsWith("/.") || word.equals(".");
    String name;
    String into;
    if (isDirectory(stat)) {
      into = path;
      name = content ? "" : source.toAbsolutePath().normalize().getFileName().toString();
    } else {
      if (!stat.isNull() && directory) {
        throw new CommandFailure("cannot copy directory to " + path + ", which is a file");
      }
      if (stat.isNull() && path.endsWith("/") && !directory) {
        throw new CommandFailure("no such directory: " + path);
      }
      String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      int slash = bare.lastIndexOf('/');
      into = slash <= 0 ? "/" : bare.substring(0, slash);
      name = bare.substring(slash + 1);
    }
    Upload upload = new Upload(source, name);
    send(session, arguments, to.container(), into, upload);
    tell(session, arguments, upload.bytes, to.container() + ":" + to.path());
  }

  private static void send(
      Session session, Arguments arguments, String container, String into, Body body)
      throws IOException {
    Query query =
        Query.of("containers", container, "archive")
            .with("path", into)
            .with("noOverwriteDirNonDir", "true")
            .with("copyUIDGID", arguments.on("archive"));
    session.api().call(Request.of("PUT", query.toString()).with(body)).close();
  }

  private static void tell(Session session, Arguments arguments, long bytes, String target) {
    if (!arguments.on("quiet") && session.terminal().writesErrors()) {
      session.err().println("Successfully copied " + Human.size(bytes) + " to " + target);
    }
  }

  /** Files as they are written into the archive, which is made as it is sent. */
  private static final class Upload implements Body {
    private final Path source;
    private final String name;
    private long bytes;

    Upload(Path source, String name) {
      this.source = source;
      this.name = name;
    }

    @Override
    public String contentType() {
      return "application/x-tar";
    }

    @Override
    public long length() {
      return -1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      OutputStream counting =
          new java.io.FilterOutputStream(new java.io.BufferedOutputStream(out, 32 * 1024)) {
            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
              out.write(buffer, offset, length);
              bytes += length;
            }
          };
      try (TarWriter archive = new TarWriter(counting)) {
        new FileTree(archive, FileTree.Wanted.all()).add(source, name);
      }
    }
  }
}
