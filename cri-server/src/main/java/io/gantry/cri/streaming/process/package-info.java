/**
 * What the streaming server asks of a container's processes: begin an exec or an attach, pass
 * streams, tell the end. No protocol of a client and no shim is known here.
 */
package io.gantry.cri.streaming.process;
