/**
 * Tar archives of the user's files: written for builds and copies, read for copies out of
 * containers. What comes out of a container is hostile: nothing of it leaves the directory that it
 * goes to.
 */
package io.gantry.docker.cli.archive;
