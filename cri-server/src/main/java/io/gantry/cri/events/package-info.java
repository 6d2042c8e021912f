/**
 * The events of pods and containers: put into one numbered order, kept on disk for those who come
 * back, and streamed to those who listen. What makes a pod or container change is elsewhere; this
 * package is told.
 */
package io.gantry.cri.events;
