/**
 * Containers: their records and states, the RPCs about them, and the watch for their end. Linux is
 * reached only through shims and {@link io.gantry.cri.container.Leftovers}; what a specification
 * says is decided in {@link io.gantry.cri.spec}, and pods are only read here.
 */
package io.gantry.cri.container;
