/**
 * What gantry.v1 offers of containers' processes beyond the CRI: streams in both directions,
 * signals, ends, standstill, and what ps(1) says. How containers come and go is not known here.
 */
package io.gantry.cri.process;
