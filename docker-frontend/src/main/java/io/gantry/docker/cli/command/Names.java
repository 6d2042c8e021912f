package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.Query;

/** Names of images as people write them. */
public final class Names {
  private Names() {}

  /** Adds the repository and the tag of a name to a query. */
  public static Query addTo(Query query, String name) {
    int colon = name.lastIndexOf(':');
    boolean tagged = colon > name.lastIndexOf('/');
    query.with("repo", tagged ? name.substring(0, colon) : name);
    return tagged ? query.with("tag", name.substring(colon + 1)) : query;
  }
}
