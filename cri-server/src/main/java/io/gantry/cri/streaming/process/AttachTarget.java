package io.gantry.cri.streaming.process;

/**
 * A container's first process, to which a client connects.
 *
 * @param containerId in full
 * @param streams which streams the client wants; {@code tty} is what the client believes
 */
public record AttachTarget(String containerId, StreamSet streams) {}
