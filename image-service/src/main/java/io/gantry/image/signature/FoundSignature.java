package io.gantry.image.signature;

/**
 * A signature as a registry served it: nothing about it is known to be true.
 *
 * @param source where it was found, for messages
 */
record FoundSignature(String source, byte[] payload, byte[] signature) {}
