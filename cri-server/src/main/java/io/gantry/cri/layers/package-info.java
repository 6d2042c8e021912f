/**
 * The file-system port of the image service, on Linux's system calls with descriptors, so that
 * nothing a layer holds can lead out of it. What is written where, and why, is decided in {@code
 * io.gantry.image}; this package only does it.
 */
package io.gantry.cri.layers;
