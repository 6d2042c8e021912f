/**
 * The command {@code gantry}: which commands there are, which engine they talk to, how they end. It
 * reads arguments, asks the engine over HTTP and prints; it decides nothing and touches nothing on
 * the machine by itself. No gRPC and no Netty below this package: a command is to start at once.
 */
package io.gantry.docker.cli;
