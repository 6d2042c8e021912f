/**
 * The command {@code gantry}. It reads arguments, asks the daemon and prints; it decides nothing
 * and touches nothing on the machine by itself.
 */
package io.gantry.docker.cli;
