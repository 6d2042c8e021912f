/**
 * Endpoints about the engine itself: ping, version, info, and those of swarm and plugins, which it
 * does not have. What is about one kind of object lives with that.
 */
package io.gantry.docker.engine.system;
