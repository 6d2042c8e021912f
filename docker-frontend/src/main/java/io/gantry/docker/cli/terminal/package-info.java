/**
 * The user's terminal: whether there is one, its size and modes, the signals that it sends. What is
 * shown on it is not known here.
 */
package io.gantry.docker.cli.terminal;
