package io.gantry.docker.cli.container;

import java.util.Optional;

/**
 * How to attach to a container.
 *
 * @param tty whether the container has a terminal
 * @param proxy whether signals are passed on
 * @param keys that leave it running; the usual ones if not given
 */
record Attaching(
    String id,
    boolean tty,
    boolean input,
    boolean output,
    boolean errors,
    boolean proxy,
    Optional<String> keys) {}
