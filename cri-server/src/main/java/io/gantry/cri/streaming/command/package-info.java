/**
 * Exec and attach: streams and the exit status between a client, over SPDY or WebSocket, and a
 * process. Nothing here knows how the process runs or how the client found the way.
 */
package io.gantry.cri.streaming.command;
