package io.gantry.image.distribution.api;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.access.Gate;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.cache.PullThrough;
import io.gantry.image.distribution.repository.Repositories;
import io.gantry.image.distribution.upload.Uploads;
import java.util.Optional;
import java.util.Set;

/**
 * What the endpoints work with.
 *
 * @param manifestLimitBytes the largest manifest that is taken
 * @param refused what nobody may do, whatever the rules say
 * @param upstream where to get what is not here
 * @param garbage told when something may have become garbage
 */
public record Parts(
    Repositories repositories,
    Uploads uploads,
    ContentStore content,
    Gate gate,
    int manifestLimitBytes,
    Set<Right> refused,
    Optional<PullThrough> upstream,
    Runnable garbage) {
  public Parts {
    refused = Set.copyOf(refused);
  }
}
