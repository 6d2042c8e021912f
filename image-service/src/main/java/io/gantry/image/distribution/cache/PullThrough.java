package io.gantry.image.distribution.cache;

import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;
import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.ManifestRecord;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.Tag;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets from one other registry what a repository here lacks. Tags are asked for anew each time, as
 * they move; what has a digest is fetched once. Thread-safe.
 */
public final class PullThrough implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PullThrough.class);

  private final RegistryClient client;
  private final String host;
  private final ContentStore content;
  private final ExpectedBlobs expected;
  private final Arrivals arrivals;
  private final Cancellation closing = new Cancellation();

  /**
   * @param host the other registry, as references name it: {@code docker.io}
   * @param directory for what is arriving, on the content store's file system; emptied
   */
  public PullThrough(RegistryClient client, String host, ContentStore content, Path directory)
      throws IOException {
    this.client = client;
    this.host = host;
    this.content = content;
    this.expected = new ExpectedBlobs(content);
    this.arrivals = new Arrivals(directory, content, closing);
  }

  /** The other registry, as references name it. */
  public String host() {
    return host;
  }

  /**
   * What the tag stands for at the other registry, or stood for when it could last be asked; the
   * manifest is here afterwards.
   *
   * @return nothing if the other registry has no such tag
   * @throws ImageException if it cannot be asked, and never could
   */
  public Optional<Digest> resolve(Repository repository, Tag tag) throws IOException {
    Optional<Digest> known = repository.tag(tag).filter(digest -> isHere(repository, digest));
    try {
      RemoteRepository remote = open(repository, ":" + tag);
      Optional<Digest> current = remote.head(closing);
      if (current.isPresent() && current.equals(known)) {
        return known;
      }
      return Optional.of(keep(repository, remote.resolve(closing), List.of(tag)));
    } catch (ImageException e) {
      if (e.kind() == NOT_FOUND || e.kind() == UNAUTHORIZED && known.isEmpty()) {
        return Optional.empty();
      }
      if (known.isEmpty()) {
        throw e;
      }
      log.atWarn()
          .addKeyValue("repository", repository.name())
          .addKeyValue("tag", tag)
          .addKeyValue("error", e.getMessage())
          .log("a tag is served as it was, for the upstream registry cannot be asked");
      return known;
    }
  }

  /**
   * Fetches a manifest unless it is here.
   *
   * @return whether it is here now
   */
  public boolean fetch(Repository repository, Digest digest) throws IOException {
    if (isHere(repository, digest)) {
      return true;
    }
    try {
      RemoteRepository.Document document = open(repository, "@" + digest).resolve(closing);
      return keep(repository, document, List.of()).equals(digest);
    } catch (ImageException e) {
      if (e.kind() == NOT_FOUND || e.kind() == UNAUTHORIZED) {
        return false;
      }
      throw e;
    }
  }

  private boolean isHere(Repository repository, Digest digest) {
    try {
      return repository.manifest(digest).isPresent() && content.has(digest);
    } catch (IOException unreadable) {
      return false; // Fetched again, which mends it.
    }
  }

  private Digest keep(Repository repository, RemoteRepository.Document document, List<Tag> tags)
      throws IOException {
    ManifestSummary summary =
        ManifestSummary.parse(
            "manifest " + document.digest() + " of " + host,
            document.bytes(),
            document.mediaType());
    ManifestRecord record = ManifestRecord.of(document.digest(), document.bytes().length, summary);
    content
        .claims()
        .holding(
            document.digest(),
            () -> {
              content.write(document.digest(), document.bytes());
              repository.addManifest(record, tags);
              return null;
            });
    expected.add(repository, summary);
    return document.digest();
  }

  /**
   * The size of a blob that a manifest of the repository names.
   *
   * @return nothing if none does: then there is nothing to fetch it by
   */
  public OptionalLong sizeOf(Repository repository, Digest digest) throws IOException {
    return expected.sizeOf(repository, digest);
  }

  /**
   * Begins to fetch a blob, or joins those who wait for it. It is fetched to its end and becomes
   * the repository's, whoever stays to see it.
   *
   * @param first where the caller begins to read
   * @param sizeBytes as {@link #sizeOf} says
   */
  public Follower follow(Repository repository, Digest digest, long first, long sizeBytes)
      throws IOException {
    Descriptor blob = new Descriptor("", digest, sizeBytes, Optional.empty());
    return arrivals.follow(repository, blob, first, () -> open(repository, "@" + digest));
  }

  private RemoteRepository open(Repository repository, String suffix) throws IOException {
    return client.open(
        Reference.parse(host + "/" + repository.name() + suffix), new Credentials.Anonymous());
  }

  @Override
  public void close() {
    closing.cancel();
    arrivals.close();
  }
}
