/**
 * The Docker Engine's REST interface, translated into calls of the CRI and of gantry's extension to
 * it. Nothing of it is built yet; what decides about images, containers or Linux must never be
 * here, but in the daemon.
 */
package io.gantry.docker.engine;
