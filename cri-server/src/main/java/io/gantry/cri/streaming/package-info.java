/**
 * The streaming server of the CRI: URLs with tokens for Exec, Attach and PortForward, and the
 * sessions of the clients that come there. No process is started and no namespace entered here.
 */
package io.gantry.cri.streaming;
