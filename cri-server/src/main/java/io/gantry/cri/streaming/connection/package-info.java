/**
 * What every client's connection has, whatever it speaks: pauses in both directions, an end by
 * idleness, a farewell that loses no bytes. No protocol is known here.
 */
package io.gantry.cri.streaming.connection;
