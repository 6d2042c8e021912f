/**
 * A rehearsal of the command: the usual commands are carried out once against an engine of
 * cardboard, so that the JVM can note which classes they need and put them into an archive.
 */
package io.gantry.docker.cli.rehearsal;
