/**
 * Containers as a whole: making one from a bundle, starting its programs, signalling, limiting,
 * measuring and removing it. Nothing here speaks a protocol, keeps records on disk or copies
 * standard streams.
 */
package io.gantry.runtime.container;
