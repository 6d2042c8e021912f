/** Completion of command lines in shells. */
package io.gantry.docker.cli.completion;
