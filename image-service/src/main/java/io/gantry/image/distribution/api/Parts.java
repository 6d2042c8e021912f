package io.gantry.image.distribution.api;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.access.Gate;
import io.gantry.image.distribution.repository.Repositories;
import io.gantry.image.distribution.upload.Uploads;

/**
 * What the endpoints work with.
 *
 * @param manifestLimitBytes the largest manifest that is taken
 * @param garbage told when something may have become garbage
 */
public record Parts(
    Repositories repositories,
    Uploads uploads,
    ContentStore content,
    Gate gate,
    int manifestLimitBytes,
    boolean readOnly,
    Runnable garbage) {}
