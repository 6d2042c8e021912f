package io.gantry.image.content;

/**
 * A stretch of a blob.
 *
 * @param from its first byte's place
 * @param to the place behind its last
 */
record Span(long from, long to) {}
