/**
 * Root filesystems: one committed directory per chain id, one writable directory per container
 * above them, and what to mount for it. Mounting itself is left to whoever runs the container, and
 * no image is known here, only chains of layers.
 */
package io.gantry.image.snapshot;
