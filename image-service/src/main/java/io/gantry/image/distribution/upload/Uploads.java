package io.gantry.image.distribution.upload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.Repositories;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The uploads under way, each as {@code ID.json} and {@code ID.part} below one directory, on the
 * content store's file system. Those of an earlier process go on. Thread-safe.
 */
public final class Uploads {

  private static final Logger log = LoggerFactory.getLogger(Uploads.class);
  private static final String RECORD = ".json";
  private static final String PART = ".part";
  private static final int VERSION = 1;

  /** So that those who begin uploads and do nothing more cannot fill memory and directory. */
  private static final int COUNT_LIMIT = 10_000;

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path directory;
  private final ContentStore content;
  private final long limitBytes;
  private final Duration lifetime;
  private final Clock clock;
  private final Map<UploadId, Upload> underWay = new ConcurrentHashMap<>();

  private Uploads(
      Path directory, ContentStore content, long limitBytes, Duration lifetime, Clock clock) {
    this.directory = directory;
    this.content = content;
    this.limitBytes = limitBytes;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  /**
   * Opens the uploads below {@code directory}, and makes it if it is not there.
   *
   * @param limitBytes the largest blob
   * @param lifetime how long an upload may take from its beginning to its end
   */
  public static Uploads open(
      Path directory,
      Repositories repositories,
      ContentStore content,
      long limitBytes,
      Duration lifetime,
      Clock clock)
      throws IOException {
    Files.createDirectories(directory);
    Uploads uploads = new Uploads(directory, content, limitBytes, lifetime, clock);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        uploads.take(file, repositories);
      }
    }
    return uploads;
  }

  private void take(Path file, Repositories repositories) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(RECORD)) {
      Optional<UploadId> id = UploadId.parse(name.substring(0, name.length() - RECORD.length()));
      if (id.isPresent() && Files.exists(part(id.get()))) {
        try {
          Upload.Record record = parse(id.get(), Files.readAllBytes(file), repositories);
          underWay.put(id.get(), new Upload(this, record, part(id.get())));
          return;
        } catch (IOException | DateTimeException damaged) {
          log.atWarn()
              .addKeyValue("file", file)
              .addKeyValue("error", damaged.getMessage())
              .log("an upload that cannot be read was given up");
        }
      }
    } else if (name.endsWith(PART)
        && Files.exists(file.resolveSibling(name.replace(PART, RECORD)))) {
      return;
    }
    // Half of a pair: what a crash left.
    Files.deleteIfExists(file);
  }

  ContentStore content() {
    return content;
  }

  long limitBytes() {
    return limitBytes;
  }

  /**
   * Begins an upload. It is not synced: after a power failure its client begins anew.
   *
   * @throws UploadException TOO_MANY
   */
  public Upload start(Repository repository, Digest.Algorithm algorithm) throws IOException {
    if (underWay.size() >= COUNT_LIMIT) {
      throw new UploadException(
          UploadException.Kind.TOO_MANY, underWay.size() + " uploads are under way already");
    }
    UploadId id = UploadId.random();
    Upload.Record record = new Upload.Record(id, repository, algorithm, clock.instant());
    Files.createFile(part(id));
    Path temporary = directory.resolve(id + ".tmp");
    Files.write(temporary, document(record));
    Files.move(temporary, record(id), StandardCopyOption.ATOMIC_MOVE);
    Upload upload = new Upload(this, record, part(id));
    underWay.put(id, upload);
    return upload;
  }

  /** The upload of that name, if it is that repository's. */
  public Optional<Upload> find(UploadId id, RepositoryName repository) {
    return Optional.ofNullable(underWay.get(id))
        .filter(upload -> upload.record().repository().name().equals(repository));
  }

  void forget(Upload upload) throws IOException {
    underWay.remove(upload.id());
    Files.deleteIfExists(part(upload.id()));
    Files.deleteIfExists(record(upload.id()));
  }

  /** Gives up those that have had their time. */
  public void expire() {
    Instant oldest = clock.instant().minus(lifetime);
    for (Upload upload : List.copyOf(underWay.values())) {
      if (upload.record().startedAt().isBefore(oldest)) {
        try {
          upload.cancel();
          log.atInfo()
              .addKeyValue("upload", upload.id())
              .addKeyValue("repository", upload.record().repository().name())
              .log("an upload that was not finished in time was given up");
        } catch (IOException e) {
          log.atWarn()
              .addKeyValue("upload", upload.id())
              .addKeyValue("error", e.getMessage())
              .log("an upload could not be given up");
        }
      }
    }
  }

  private Path part(UploadId id) {
    return directory.resolve(id + PART);
  }

  private Path record(UploadId id) {
    return directory.resolve(id + RECORD);
  }

  private static byte[] document(Upload.Record record) throws IOException {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("version", VERSION);
    document.put("repository", record.repository().name().text());
    document.put("algorithm", record.algorithm().name());
    document.put("startedAt", record.startedAt().toString());
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
  }

  private static Upload.Record parse(UploadId id, byte[] json, Repositories repositories)
      throws IOException {
    JsonNode document = MAPPER.readTree(json);
    if (document.path("version").asInt() != VERSION) {
      throw new IOException("it is of version " + document.path("version").asText("unknown"));
    }
    String algorithm = document.path("algorithm").asText();
    for (Digest.Algorithm known : Digest.Algorithm.values()) {
      if (known.name().equals(algorithm)) {
        return new Upload.Record(
            id,
            repositories.get(RepositoryName.parse(document.path("repository").asText())),
            known,
            Instant.parse(document.path("startedAt").asText()));
      }
    }
    throw new IOException("its algorithm is not known: " + algorithm);
  }
}
