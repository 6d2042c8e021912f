/**
 * Shims of another make: how they are started, spoken to and cleaned up after, so that gantry's own
 * can stand before them. Nothing here touches namespaces, mounts of containers, or logs; what a
 * container is to the rest of the shim is {@link io.gantry.runtime.container.Container}.
 */
package io.gantry.runtime.foreign;
