/**
 * What builds leave for later ones: the layer that a step made, by the digest of all that went into
 * it, and the directories of cache mounts. It knows nothing of Dockerfiles.
 */
package io.gantry.image.build.cache;
