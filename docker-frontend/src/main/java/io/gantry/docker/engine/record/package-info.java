/**
 * What the engine remembers of its containers, in memory and on disk. Nothing here talks to the
 * runtime or to clients.
 */
package io.gantry.docker.engine.record;
