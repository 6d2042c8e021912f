/**
 * SPDY/3.1 as Kubernetes' clients speak it: many streams on one connection, opened by the client,
 * without flow control. What the streams carry is not known here.
 */
package io.gantry.cri.streaming.spdy;
