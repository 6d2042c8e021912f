/**
 * Port forwarding: many TCP connections to ports of one pod, over one connection of a client. The
 * system calls that reach into the pod are made elsewhere.
 */
package io.gantry.cri.streaming.portforward;
