/**
 * The Engine API as commands use it: calls that give JSON or a stream, and failures with the
 * engine's own words. No command's options or output are known here.
 */
package io.gantry.docker.cli.api;
