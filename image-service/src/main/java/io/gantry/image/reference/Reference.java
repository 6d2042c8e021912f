package io.gantry.image.reference;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image's name: the registry host, the repository there, and a tag or a digest (or both, then
 * the digest decides). Written as Docker writes it, with its defaults: {@code busybox} is {@code
 * docker.io/library/busybox:latest}. The repository and tag grammar is that of the OCI distribution
 * specification ("Pulling manifests").
 */
public final class Reference {

  /** The host that names without one belong to. */
  public static final String DEFAULT_HOST = "docker.io";

  private static final String DEFAULT_TAG = "latest";
  private static final String OFFICIAL_PREFIX = "library/";
  // Longer than any valid name, tag and digest together; keeps the patterns below from long inputs.
  private static final int LENGTH_LIMIT = 1024;
  private static final int NAME_LIMIT = 255;

  // Possessive repeats: no back-tracking, so the time to refuse is linear in the input's length.
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]++(?:(?:\\.|_{1,2}|-++)[a-z0-9]++)*+");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern HOST =
      Pattern.compile(
          "(?<name>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:.]+])"
              + "(?::(?<port>[0-9]{1,5}))?");
  private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");

  private final String host;
  private final String repository;
  private final Optional<String> tag;
  private final Optional<Digest> digest;

  private Reference(String host, String repository, Optional<String> tag, Optional<Digest> digest) {
    this.host = host;
    this.repository = repository;
    this.tag = tag;
    this.digest = digest;
  }

  /**
   * Parses a name and fills in what it leaves out.
   *
   * @throws InvalidReferenceException if it does not follow the grammar; the message quotes it and
   *     says where it goes wrong
   */
  public static Reference parse(String text) throws InvalidReferenceException {
    if (text.isEmpty()) {
      throw invalid(text, "it is empty");
    }
    if (text.length() > LENGTH_LIMIT) {
      throw invalid(text, "it is longer than " + LENGTH_LIMIT + " characters");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(parseDigest(text, rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/') && colon > rest.lastIndexOf(']')) {
      tag = Optional.of(checkTag(text, rest.substring(colon + 1)));
      rest = rest.substring(0, colon);
    }
    if (BARE_ID.matcher(rest).matches()) {
      throw invalid(text, "64 hexadecimal digits are an image id, not a repository");
    }
    String host = DEFAULT_HOST;
    int slash = rest.indexOf('/');
    if (slash >= 0 && looksLikeHost(rest.substring(0, slash))) {
      host = checkHost(text, rest.substring(0, slash));
      rest = rest.substring(slash + 1);
    }
    if (host.equals(DEFAULT_HOST) && rest.indexOf('/') < 0) {
      rest = OFFICIAL_PREFIX + rest;
    }
    checkRepository(text, host, rest);
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of(DEFAULT_TAG);
    }
    return new Reference(host, rest, tag, digest);
  }

  private static Digest parseDigest(String text, String digest) throws InvalidReferenceException {
    try {
      return Digest.parse(digest);
    } catch (InvalidReferenceException e) {
      throw invalid(text, e.getMessage());
    }
  }

  private static String checkTag(String text, String tag) throws InvalidReferenceException {
    if (!TAG.matcher(tag).matches()) {
      throw invalid(
          text,
          "the tag \""
              + tag
              + "\" must be 1 to 128 letters, digits, '_', '.' or '-', and not begin with '.' or '-'");
    }
    return tag;
  }

  /**
   * The first part of a path is a host if no repository's first part could be meant: Docker's rule.
   */
  private static boolean looksLikeHost(String part) {
    return part.indexOf('.') >= 0
        || part.indexOf(':') >= 0
        || part.startsWith("[")
        || part.equals("localhost")
        || part.chars().anyMatch(Character::isUpperCase);
  }

  private static String checkHost(String text, String host) throws InvalidReferenceException {
    Matcher matcher = HOST.matcher(host);
    if (!matcher.matches()) {
      throw invalid(
          text,
          "\""
              + host
              + "\" is not a host name, IPv4 address or [IPv6 address], with an optional port");
    }
    String port = matcher.group("port");
    if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535)) {
      throw invalid(text, "port " + port + " is not between 1 and 65535");
    }
    return host.equals("index.docker.io") ? DEFAULT_HOST : host;
  }

  private static void checkRepository(String text, String host, String repository)
      throws InvalidReferenceException {
    if (host.length() + 1 + repository.length() > NAME_LIMIT) {
      throw invalid(text, "host and repository are longer than " + NAME_LIMIT + " characters");
    }
    for (String component : repository.split("/", -1)) {
      if (component.isEmpty()) {
        throw invalid(text, "the repository has an empty part");
      }
      if (!component.equals(component.toLowerCase(Locale.ROOT))) {
        throw invalid(text, "the repository \"" + repository + "\" must be lower case");
      }
      if (!COMPONENT.matcher(component).matches()) {
        throw invalid(
            text,
            "\""
                + component
                + "\" must be a-z and 0-9 in groups, with one '.', one or two '_', or any number of '-' between them");
      }
    }
  }

  private static InvalidReferenceException invalid(String text, String reason) {
    return new InvalidReferenceException("image reference", text, reason);
  }

  /** The registry, such as {@code docker.io} or {@code localhost:5000}. */
  public String host() {
    return host;
  }

  /** The repository within the registry, such as {@code library/busybox}. */
  public String repository() {
    return repository;
  }

  /** Host and repository: {@code docker.io/library/busybox}. */
  public String name() {
    return host + "/" + repository;
  }

  public Optional<String> tag() {
    return tag;
  }

  public Optional<Digest> digest() {
    return digest;
  }

  /** What to ask the registry for: the digest if there is one, else the tag. */
  public String manifestName() {
    return digest.map(Digest::toString).or(() -> tag).orElse(DEFAULT_TAG);
  }

  /**
   * {@code host/repository:tag}, the name the image gets; absent if a digest was given, for then
   * the tag is not looked at.
   */
  public Optional<String> repoTag() {
    return digest.isPresent() ? Optional.empty() : tag.map(t -> name() + ":" + t);
  }

  /** {@code host/repository@digest}. */
  public String repoDigest(Digest target) {
    return name() + "@" + target;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Reference that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** The whole name, which {@link #parse} reads back to an equal reference. */
  @Override
  public String toString() {
    return name() + tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }
}
