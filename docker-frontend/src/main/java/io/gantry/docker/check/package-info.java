/**
 * The program behind {@code gantry system fsck}: a client of the daemon's gRPC, which the command
 * {@code gantry} itself is not. How images are checked is the daemon's matter.
 */
package io.gantry.docker.check;
