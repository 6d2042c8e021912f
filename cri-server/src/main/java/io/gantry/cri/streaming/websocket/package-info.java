/**
 * WebSocket as Kubernetes' clients speak it: messages whose first byte names a channel, as bytes or
 * in base64, and SPDY in a tunnel of messages. What the channels carry is not known here.
 */
package io.gantry.cri.streaming.websocket;
