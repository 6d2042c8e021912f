/**
 * Exec and attach sessions: what the streaming server asks of containers, answered by their shims,
 * each session on a connection of its own. No protocol of a client is known here, and no process is
 * started but by a shim.
 */
package io.gantry.cri.session;
