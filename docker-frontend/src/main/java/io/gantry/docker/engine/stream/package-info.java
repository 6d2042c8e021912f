/**
 * A process's streams as clients get them: frames, detach keys, WebSocket. Nothing here knows
 * containers.
 */
package io.gantry.docker.engine.stream;
