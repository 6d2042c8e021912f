/**
 * The Docker Engine's REST interface, translated into calls of the CRI and of gantry's extension to
 * it: here its parts are put together. What decides about images, containers or Linux must never be
 * here, but in the daemon.
 */
package io.gantry.docker.engine;
