package io.gantry.docker.engine.image;

/** Image names between Docker's way of writing them and the whole one. */
final class ImageName {

  private static final String HUB = "docker.io/";
  private static final String OFFICIAL = "docker.io/library/";

  private ImageName() {}

  /** A repository with a tag or digest, which may be empty. */
  static String of(String repository, String tagOrDigest) {
    if (tagOrDigest.isEmpty()) {
      return repository;
    }
    return repository + (tagOrDigest.contains(":") ? "@" : ":") + tagOrDigest;
  }

  /** As Docker shows it: {@code busybox:1}. */
  static String familiar(String name) {
    if (name.startsWith(OFFICIAL)) {
      return name.substring(OFFICIAL.length());
    }
    return name.startsWith(HUB) ? name.substring(HUB.length()) : name;
  }

  /** Without tag and digest. */
  static String repository(String name) {
    int at = name.indexOf('@');
    String tagged = at < 0 ? name : name.substring(0, at);
    int colon = tagged.lastIndexOf(':');
    return colon > tagged.lastIndexOf('/') ? tagged.substring(0, colon) : tagged;
  }

  /** The tag; "" if there is none. */
  static String tag(String name) {
    int at = name.indexOf('@');
    String tagged = at < 0 ? name : name.substring(0, at);
    int colon = tagged.lastIndexOf(':');
    return colon > tagged.lastIndexOf('/') ? tagged.substring(colon + 1) : "";
  }

  static boolean hasDigest(String name) {
    return name.indexOf('@') >= 0;
  }

  /** With {@code :latest} where there is neither tag nor digest. */
  static String tagged(String name) {
    return tag(name).isEmpty() && !hasDigest(name) ? name + ":latest" : name;
  }

  /** The whole name, with host and repository spelled out. */
  static String whole(String name) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean host =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
    if (host) {
      return name;
    }
    return slash < 0 ? OFFICIAL + name : HUB + name;
  }

  /** Twelve digits of a digest or id. */
  static String brief(String digest) {
    String hex = digest.substring(digest.indexOf(':') + 1);
    return hex.substring(0, Math.min(12, hex.length()));
  }
}
